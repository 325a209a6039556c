-- SPDX-License-Identifier: Apache-2.0
-- The least of Reserve that can be bought in Redis: units are taken if they are there, and the
-- reservation is noted, so that a retry under the same id is answered as before and takes nothing.
-- It isn't a reservation yet: no line, no dealer, no order, and when the note expires nobody gives
-- the units back.
--
--     KEYS[1]  the SKU's stock                  ARGV[1]  the quantity
--     KEYS[2]  the reservation's id             ARGV[2]  how long the note is kept, in seconds
--
-- Answers with the quantity granted: 0 when there is less. Two commands on the way of a grant, which
-- is as few as it takes: the note is what finds a retry, and the units are taken before it is known
-- that they suffice.
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[2]) then
    return tonumber(redis.call('GET', KEYS[2]))
end
if redis.call('DECRBY', KEYS[1], ARGV[1]) < 0 then
    redis.call('INCRBY', KEYS[1], ARGV[1])
    redis.call('SET', KEYS[2], 0, 'EX', ARGV[2])
    return 0
end
return tonumber(ARGV[1])
