-- SPDX-License-Identifier: Apache-2.0
-- Takes away all that 0001_initial.up.sql made, with its rows, but for the role stockade_reader: it
-- belongs to the whole cluster, and people may have been given it. What others have put into the
-- schema is left alone: then this fails and changes nothing.

ALTER DEFAULT PRIVILEGES IN SCHEMA stockade REVOKE SELECT ON TABLES FROM stockade_reader;
DROP FUNCTION stockade.advance(smallint, bigint, bigint, bigint, bigint, timestamptz);
DROP TABLE stockade.dead_letters;
DROP TABLE stockade.order_lines;
DROP TABLE stockade.orders;
DROP TABLE stockade.reservation_lines;
DROP TABLE stockade.reservations;
DROP TABLE stockade.outcomes;
DROP TABLE stockade.movements;
DROP TABLE stockade.stock;
DROP TABLE stockade.codes;
DROP TABLE stockade.state;
DROP TABLE stockade.schema_version;
DROP SCHEMA stockade;
