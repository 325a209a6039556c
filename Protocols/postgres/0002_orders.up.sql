-- SPDX-License-Identifier: Apache-2.0
-- Orders that are made at once or from several reservations and cancelled, reservations whose
-- deadline moves, stock policies, transfers, and lines that are split over warehouses.
--
-- Rows that are there stay right: what is new in them is what a server of version 1 meant by them.
-- It takes a lock on the tables and writes `movements` and `orders` once more: minutes, when there
-- are many millions.

-- Stock -------------------------------------------------------------------------------------------

ALTER TABLE stockade.stock
    ADD COLUMN backorder_limit bigint NOT NULL DEFAULT 0,
    ADD COLUMN low_water       bigint NOT NULL DEFAULT 0,
    ADD COLUMN high_water      bigint NOT NULL DEFAULT 0,
    ADD COLUMN hold_ttl_ms     bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN stockade.stock.allocated IS
    'What was ordered, wasn''t cancelled and hasn''t left yet. Unit: base units. '
    'Privacy: business.';
COMMENT ON COLUMN stockade.stock.safety IS
    'The floor that is never sold; SetStockPolicy sets it. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.stock.backorder_limit IS
    'How far below zero what is available may go by backorders. Unit: base units. '
    'Privacy: business.';
COMMENT ON COLUMN stockade.stock.low_water IS
    'At so much available or less the stock is low; 0 for never. Unit: base units. '
    'Privacy: business.';
COMMENT ON COLUMN stockade.stock.high_water IS
    'At so much available or more it isn''t low any more. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.stock.hold_ttl_ms IS
    'How long a reservation is held that names no time; 0 for the server''s own. Unit: '
    'milliseconds. Privacy: business.';

-- Whoever reads one account's changes finds them by its number, which is shorter than its three
-- codes. A record changes an account once, so that both name the row, and the key serves.
ALTER TABLE stockade.movements
    ADD COLUMN account       bigint,
    ADD COLUMN safety_change bigint NOT NULL DEFAULT 0;
UPDATE stockade.movements m SET account = s.account
FROM stockade.stock s
WHERE (s.brand, s.sku, s.warehouse) = (m.brand, m.sku, m.warehouse);
-- Only by hand can a movement be of no account.
DELETE FROM stockade.movements WHERE account IS NULL;
ALTER TABLE stockade.movements
    DROP CONSTRAINT movements_kind_check,
    DROP CONSTRAINT movements_pkey,
    ADD PRIMARY KEY (account, seq, at);
ALTER TABLE stockade.movements ADD CONSTRAINT movements_kind_check CHECK (kind IN (
    'SET', 'ADJUST', 'RESERVE', 'CONFIRM', 'RELEASE', 'EXPIRE', 'ORDER', 'CANCEL', 'POLICY',
    'TRANSFER'));
COMMENT ON TABLE stockade.movements IS
    'Every change of every stock account, one row per account that a record changed. The sums are '
    'the accounts'' figures, and their number is the account''s version. A partition per UTC day, '
    'movements_YYYYMMDD, made ahead by the writer.';
COMMENT ON COLUMN stockade.movements.kind IS
    'What changed it: SET, ADJUST, RESERVE, CONFIRM (Confirm, or CreateOrder from reservations), '
    'RELEASE, EXPIRE, ORDER (CreateOrder without a reservation), CANCEL, POLICY or TRANSFER (a row '
    'for each of the two accounts). Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.movements.reference IS
    'The request of a SET, ADJUST, POLICY or TRANSFER; the order of an ORDER or CANCEL, and of a '
    'CONFIRM when CreateOrder made it of reservations; else the reservation. Unit: none. '
    'Privacy: business.';
COMMENT ON COLUMN stockade.movements.account IS
    'The account''s number in the journal, as in stock. Unit: count, from 0, with gaps. '
    'Privacy: open.';
COMMENT ON COLUMN stockade.movements.safety_change IS
    'By how much safety changed. Unit: base units. Privacy: business.';

ALTER TABLE stockade.outcomes
    ALTER COLUMN sku DROP NOT NULL,
    ALTER COLUMN warehouse DROP NOT NULL,
    ADD COLUMN to_warehouse text,
    ADD COLUMN reference    uuid,
    DROP CONSTRAINT outcomes_call_check;
ALTER TABLE stockade.outcomes
    ADD CONSTRAINT outcomes_call_check CHECK (call IN (
        'SetStock', 'AdjustStock', 'SetStockPolicy', 'TransferStock', 'CancelOrder', 'Extend')),
    -- An account, two of them, or what the request was about.
    ADD CONSTRAINT outcomes_form_check CHECK (
        (sku IS NULL) = (call IN ('CancelOrder', 'Extend'))
        AND (warehouse IS NULL) = (call IN ('CancelOrder', 'Extend'))
        AND (reference IS NOT NULL) = (call IN ('CancelOrder', 'Extend'))
        AND (to_warehouse IS NOT NULL) = (call = 'TransferStock'));
COMMENT ON TABLE stockade.outcomes IS
    'The requests that changed something and have an id of their own, by that id. A request that '
    'was refused or changed nothing isn''t here; reservations and orders are their own requests.';
COMMENT ON COLUMN stockade.outcomes.call IS
    'SetStock, AdjustStock, SetStockPolicy, TransferStock, CancelOrder or Extend. Unit: none. '
    'Privacy: open.';
COMMENT ON COLUMN stockade.outcomes.sku IS
    'The SKU within the brand; null for CancelOrder and Extend. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.outcomes.warehouse IS
    'The warehouse within the brand, of TransferStock the one that gave; null for CancelOrder and '
    'Extend. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.outcomes.to_warehouse IS
    'The warehouse that TransferStock gave to; null for all others. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.outcomes.reference IS
    'The order of CancelOrder, the reservation of Extend; null for all others. Unit: none. '
    'Privacy: business.';

-- Reservations ------------------------------------------------------------------------------------

COMMENT ON COLUMN stockade.reservations.ttl_ms IS
    'How long it may be held in all, from its grant to its deadline; Extend makes it longer. Unit: '
    'milliseconds. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.deadline_tick IS
    'The tick at which it expires, after the last Extend; compare with applied_tick of '
    'stockade.state. Unit: milliseconds that the server has run. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.order_id IS
    'The order that it became, alone or with others; null unless CONFIRMED. Unit: none. '
    'Privacy: business.';

-- A line that named no warehouse may take from several.
ALTER TABLE stockade.reservation_lines
    DROP CONSTRAINT reservation_lines_pkey,
    ADD PRIMARY KEY (brand, reservation_id, granted_seq, line_number, warehouse);
COMMENT ON TABLE stockade.reservation_lines IS
    'What each line of a reservation was granted, in each warehouse that it took from. What became '
    'an order is in order_lines: under the same line_number, unless the order was made of several '
    'reservations.';
COMMENT ON COLUMN stockade.reservation_lines.line_number IS
    'Names the line within its reservation; a line that was split over warehouses has a row for '
    'each. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.reservation_lines.is_short IS
    'Whether the line got less than was asked for; of a split line, said in one of its rows. Unit: '
    'none. Privacy: business.';

-- Orders ------------------------------------------------------------------------------------------

ALTER TABLE stockade.orders
    ALTER COLUMN reservation_id DROP NOT NULL,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN last_seq   bigint;
UPDATE stockade.orders SET updated_at = created_at, last_seq = seq;
ALTER TABLE stockade.orders
    ALTER COLUMN updated_at SET NOT NULL,
    ALTER COLUMN last_seq SET NOT NULL,
    DROP CONSTRAINT orders_pkey,
    ADD PRIMARY KEY (brand, order_id, seq);
COMMENT ON TABLE stockade.orders IS
    'What dealers have bought. An order is made at once or of reservations, by Confirm or '
    'CreateOrder. An id may be used again long after its order was cancelled; seq tells them '
    'apart.';
COMMENT ON COLUMN stockade.orders.reservation_id IS
    'The reservation that it was; null when it was made at once or of several, whose order_id '
    'names it then. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.review_state IS
    'ACCEPTED, or CANCELLED when nothing is left of it. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.fulfilment_state IS
    'ALLOCATED: its units are set aside and haven''t left. CANCELLED: nothing is left of it. Unit: '
    'none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.created_at IS
    'When it was made. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.orders.updated_at IS
    'When it changed last; at first when it was made. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.orders.last_seq IS
    'The record that changed it last; at first the one that made it. Unit: sequence. '
    'Privacy: open.';

ALTER TABLE stockade.order_lines
    ADD COLUMN seq       bigint,
    ADD COLUMN cancelled bigint NOT NULL DEFAULT 0;
UPDATE stockade.order_lines l SET seq = o.seq
FROM stockade.orders o
WHERE (o.brand, o.order_id) = (l.brand, l.order_id);
-- Only by hand can a line be of no order.
DELETE FROM stockade.order_lines WHERE seq IS NULL;
ALTER TABLE stockade.order_lines
    DROP CONSTRAINT order_lines_pkey,
    ADD PRIMARY KEY (brand, order_id, seq, line_number, warehouse);
COMMENT ON TABLE stockade.order_lines IS
    'What each line of an order is for, in each warehouse that it comes from.';
COMMENT ON COLUMN stockade.order_lines.line_number IS
    'Names the line within its order; a line that was split over warehouses has a row for each. '
    'The same as in the reservation, unless the order was made of several. Unit: none. '
    'Privacy: open.';
COMMENT ON COLUMN stockade.order_lines.quantity IS
    'How much was bought, what was cancelled since included. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.order_lines.seq IS
    'The record that made the order, as in orders. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.order_lines.cancelled IS
    'How much of it was cancelled. Unit: base units. Privacy: business.';

CREATE TABLE stockade.order_events (
    brand      text NOT NULL,
    order_id   uuid NOT NULL,
    made_seq   bigint NOT NULL,
    seq        bigint NOT NULL,
    at         timestamptz NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('CANCELLED_IN_PART', 'CANCELLED')),
    from_state text NOT NULL,
    to_state   text NOT NULL,
    cause      text NOT NULL,
    units      bigint NOT NULL,
    request_id uuid NOT NULL,
    PRIMARY KEY (brand, order_id, made_seq, seq)
);
COMMENT ON TABLE stockade.order_events IS
    'What happened to orders after they were made. That they were made stands in orders; '
    'order_timeline has both.';
COMMENT ON COLUMN stockade.order_events.brand IS
    'The brand that sells. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.order_events.order_id IS
    'The order. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_events.made_seq IS
    'The record that made the order: its seq in orders. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.order_events.seq IS
    'The record. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.order_events.at IS
    'When it was decided. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.order_events.kind IS
    'CANCELLED_IN_PART, or CANCELLED when nothing was left after it. Unit: none. '
    'Privacy: business.';
COMMENT ON COLUMN stockade.order_events.from_state IS
    'The order''s review_state before it. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_events.to_state IS
    'The order''s review_state after it. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_events.cause IS
    'Why: DEALER, BRAND, STOCK, PAYMENT, MISTAKE, FRAUD, OTHER, UNSPECIFIED, or CAUSE_ with the '
    'number that the caller gave. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_events.units IS
    'How much was cancelled in this step, over all lines. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.order_events.request_id IS
    'The request; its row in outcomes has the same seq. Unit: none. Privacy: open.';

CREATE VIEW stockade.order_timeline AS
SELECT o.brand, o.order_id, o.seq AS made_seq, o.seq, o.created_at AS at, 'CREATED'::text AS kind,
    NULL::text AS from_state, 'ACCEPTED'::text AS to_state, NULL::text AS cause,
    (SELECT sum(l.quantity)::bigint FROM stockade.order_lines l
        WHERE (l.brand, l.order_id, l.seq) = (o.brand, o.order_id, o.seq)) AS units,
    NULL::uuid AS request_id
FROM stockade.orders o
UNION ALL
SELECT brand, order_id, made_seq, seq, at, kind, from_state, to_state, cause, units, request_id
FROM stockade.order_events;
COMMENT ON VIEW stockade.order_timeline IS
    'What happened to each order from its making on; order by seq.';
COMMENT ON COLUMN stockade.order_timeline.brand IS
    'The brand that sells. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.order_timeline.order_id IS
    'The order. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_timeline.made_seq IS
    'The record that made the order: its seq in orders. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.order_timeline.seq IS
    'The record. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.order_timeline.at IS
    'When it was decided. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.order_timeline.kind IS
    'CREATED, CANCELLED_IN_PART or CANCELLED. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_timeline.from_state IS
    'The order''s review_state before it; null when it was made. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_timeline.to_state IS
    'The order''s review_state after it. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_timeline.cause IS
    'Why it was cancelled, as in order_events; else null. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_timeline.units IS
    'How much was ordered, or cancelled in this step, over all lines. Unit: base units. '
    'Privacy: business.';
COMMENT ON COLUMN stockade.order_timeline.request_id IS
    'The request of a cancellation; null when it was made. Unit: none. Privacy: open.';

-- Rights ------------------------------------------------------------------------------------------

-- What is made by another user than 0001's has no part in its default privileges.
GRANT SELECT ON stockade.order_events, stockade.order_timeline TO stockade_reader;
