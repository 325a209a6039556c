-- SPDX-License-Identifier: Apache-2.0
-- What analysts, ERP and finance read: a server's journal as tables. The journal is the truth and
-- these are its image; one writer keeps them, in the order of the journal, each record once.
--
-- Every comment says what the thing is, then its unit and its privacy class, as the comments in
-- Protocols/stockade/v1 do. Times are the wall times of the records: for people, never for deciding.

CREATE SCHEMA stockade;
COMMENT ON SCHEMA stockade IS
    'The image of a Stockade server''s journal. Read it; only the server writes here.';

-- Who may read. A role belongs to the whole cluster, so it may be there already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'stockade_reader') THEN
        CREATE ROLE stockade_reader NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;  -- somebody else's migration, in another database, was quicker
    WHEN insufficient_privilege THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'the role stockade_reader is missing and may not be made by this user',
            HINT = 'Have an administrator run CREATE ROLE stockade_reader NOLOGIN, and try again.';
END
$$;

-- Where the writer stands -------------------------------------------------------------------------

CREATE TABLE stockade.schema_version (
    version    int PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL
);
COMMENT ON TABLE stockade.schema_version IS
    'The migrations that made these tables, one row each.';
COMMENT ON COLUMN stockade.schema_version.version IS
    'The migration''s number. Unit: count, from 1. Privacy: open.';
COMMENT ON COLUMN stockade.schema_version.name IS
    'The migration''s name, as in its file''s. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.schema_version.checksum IS
    'SHA-256 of the file that was run. Unit: hexadecimal digits. Privacy: open.';
COMMENT ON COLUMN stockade.schema_version.applied_at IS
    'When it was run, by the clock of Postgres. Unit: UTC time. Privacy: open.';

CREATE TABLE stockade.state (
    grp          smallint PRIMARY KEY,
    journal      uuid NOT NULL,
    epoch        bigint NOT NULL,
    applied_seq  bigint NOT NULL,
    applied_tick bigint NOT NULL,
    applied_at   timestamptz,
    updated_at   timestamptz
) WITH (fillfactor = 20);
COMMENT ON TABLE stockade.state IS
    'How far these tables are: everything up to applied_seq is in them, and nothing beyond it. '
    'Changed in the transaction that writes the rows.';
COMMENT ON COLUMN stockade.state.grp IS
    'Which writer; there is one, number 0. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.state.journal IS
    'The uuid of the journal that these tables are the image of. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.state.epoch IS
    'Which start of a writer may write; grows with each, and shuts older ones out. Unit: count. '
    'Privacy: open.';
COMMENT ON COLUMN stockade.state.applied_seq IS
    'The journal''s record up to which all is here. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.state.applied_tick IS
    'That record''s tick: the server''s own time, in which it was down doesn''t count. Unit: '
    'milliseconds. Privacy: open.';
COMMENT ON COLUMN stockade.state.applied_at IS
    'That record''s wall time: these tables are as of then. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.state.updated_at IS
    'When the writer wrote last, by the clock of Postgres. Unit: UTC time. Privacy: open.';

CREATE TABLE stockade.codes (
    number       bigint PRIMARY KEY,
    kind         smallint NOT NULL,
    brand_number bigint,
    text         text NOT NULL,
    seq          bigint NOT NULL
);
COMMENT ON TABLE stockade.codes IS
    'The numbers by which the journal names codes, kept so that the writer need not read the '
    'journal from its begin. The other tables have the texts.';
COMMENT ON COLUMN stockade.codes.number IS
    'The code''s number in the journal. Unit: count, from 0. Privacy: open.';
COMMENT ON COLUMN stockade.codes.kind IS
    '1 brand, 2 SKU, 3 warehouse, 4 dealer. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.codes.brand_number IS
    'The number of the brand it belongs to; of a brand itself none that means anything. Unit: '
    'count. Privacy: open.';
COMMENT ON COLUMN stockade.codes.text IS
    'The code. Unit: code, 1 to 64 characters. Privacy: business.';
COMMENT ON COLUMN stockade.codes.seq IS
    'The record that defined it. Unit: sequence. Privacy: open.';

-- Stock -------------------------------------------------------------------------------------------

-- Updated all the time, and no index on what changes: updates stay within the page.
CREATE TABLE stockade.stock (
    brand          text NOT NULL,
    sku            text NOT NULL,
    warehouse      text NOT NULL,
    account        bigint NOT NULL,
    on_hand        bigint NOT NULL,
    held           bigint NOT NULL,
    allocated      bigint NOT NULL,
    safety         bigint NOT NULL,
    version        bigint NOT NULL,
    source_version numeric(20, 0),
    seq            bigint NOT NULL,
    changed_at     timestamptz NOT NULL,
    PRIMARY KEY (brand, sku, warehouse)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
CREATE UNIQUE INDEX stock_account ON stockade.stock (account);
COMMENT ON TABLE stockade.stock IS
    'The figures of each stock account: the units of one SKU in one warehouse of one brand. What '
    'may still be granted is on_hand - held - allocated - safety.';
COMMENT ON COLUMN stockade.stock.brand IS
    'The brand that owns the goods. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.stock.sku IS
    'The SKU within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.stock.warehouse IS
    'The warehouse within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.stock.account IS
    'The account''s number in the journal. Unit: count, from 0, with gaps. Privacy: open.';
COMMENT ON COLUMN stockade.stock.on_hand IS
    'What lies in the warehouse. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.stock.held IS
    'What living reservations hold. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.stock.allocated IS
    'What was confirmed and hasn''t left yet. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.stock.safety IS
    'The floor that is never sold. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.stock.version IS
    'Grows by one with each change of the account. Unit: count. Privacy: open.';
COMMENT ON COLUMN stockade.stock.source_version IS
    'The highest version that a source gave with SetStock; 0 or null before the first. Unit: the '
    'source''s own count. Privacy: business.';
COMMENT ON COLUMN stockade.stock.seq IS
    'The record that changed the account last. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.stock.changed_at IS
    'When the account changed last. Unit: UTC time. Privacy: open.';

CREATE TABLE stockade.movements (
    seq              bigint NOT NULL,
    line             bigint NOT NULL,
    at               timestamptz NOT NULL,
    kind             text NOT NULL
        CHECK (kind IN ('SET', 'ADJUST', 'RESERVE', 'CONFIRM', 'RELEASE', 'EXPIRE')),
    brand            text NOT NULL,
    sku              text NOT NULL,
    warehouse        text NOT NULL,
    on_hand_change   bigint NOT NULL,
    held_change      bigint NOT NULL,
    allocated_change bigint NOT NULL,
    reference        uuid,
    PRIMARY KEY (seq, line, at)
) PARTITION BY RANGE (at);
COMMENT ON TABLE stockade.movements IS
    'Every change of every stock account, one row per account that a record changed. The sums are '
    'the accounts'' figures. A partition per UTC day, movements_YYYYMMDD, made ahead by the writer.';
COMMENT ON COLUMN stockade.movements.seq IS
    'The record. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.movements.line IS
    'Which of the record''s changes. Unit: index. Privacy: open.';
COMMENT ON COLUMN stockade.movements.at IS
    'When it was decided. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.movements.kind IS
    'What changed it: SET, ADJUST, RESERVE, CONFIRM, RELEASE or EXPIRE. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.movements.brand IS
    'The brand that owns the goods. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.movements.sku IS
    'The SKU within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.movements.warehouse IS
    'The warehouse within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.movements.on_hand_change IS
    'By how much on_hand changed. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.movements.held_change IS
    'By how much held changed. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.movements.allocated_change IS
    'By how much allocated changed. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.movements.reference IS
    'The request of a SET or ADJUST, else the reservation. Unit: none. Privacy: business.';

CREATE TABLE stockade.outcomes (
    brand      text NOT NULL,
    request_id uuid NOT NULL,
    call       text NOT NULL CHECK (call IN ('SetStock', 'AdjustStock')),
    sku        text NOT NULL,
    warehouse  text NOT NULL,
    seq        bigint NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (brand, request_id, seq)
);
COMMENT ON TABLE stockade.outcomes IS
    'The requests that changed stock from outside, by the id that the caller gave them. A request '
    'that was refused or changed nothing isn''t here.';
COMMENT ON COLUMN stockade.outcomes.brand IS
    'The brand that owns the goods. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.outcomes.request_id IS
    'Names the change. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.outcomes.call IS
    'SetStock or AdjustStock. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.outcomes.sku IS
    'The SKU within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.outcomes.warehouse IS
    'The warehouse within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.outcomes.seq IS
    'The record; an id may be used again once it was forgotten. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.outcomes.at IS
    'When it was decided. Unit: UTC time. Privacy: open.';

-- Reservations and orders -------------------------------------------------------------------------

CREATE TABLE stockade.reservations (
    brand          text NOT NULL,
    reservation_id uuid NOT NULL,
    granted_seq    bigint NOT NULL,
    dealer         text NOT NULL,
    fill_mode      text NOT NULL,
    state          text NOT NULL CHECK (state IN ('HELD', 'CONFIRMED', 'RELEASED', 'EXPIRED')),
    created_at     timestamptz NOT NULL,
    ttl_ms         bigint NOT NULL,
    deadline_tick  bigint NOT NULL,
    ended_seq      bigint,
    ended_at       timestamptz,
    ended_tick     bigint,
    order_id       uuid,
    PRIMARY KEY (brand, reservation_id, granted_seq)
) WITH (fillfactor = 45);  -- each row is updated once, soon, and finds room in its page
COMMENT ON TABLE stockade.reservations IS
    'Stock that was set aside for a dealer, and what became of it. An id may be granted again long '
    'after its end; granted_seq tells the grants apart.';
COMMENT ON COLUMN stockade.reservations.brand IS
    'The brand whose stock it is. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.reservations.reservation_id IS
    'The reservation''s id, made by the client. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.reservations.granted_seq IS
    'The record that granted it. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.dealer IS
    'The dealer it is for. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.reservations.fill_mode IS
    'What was to be done when there was less: ALL_OR_NOTHING or PARTIAL. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.state IS
    'HELD, CONFIRMED, RELEASED or EXPIRED. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.created_at IS
    'When it was granted. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.ttl_ms IS
    'How long it may be held. Unit: milliseconds. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.deadline_tick IS
    'The tick at which it expires; compare with applied_tick of stockade.state. Unit: milliseconds '
    'that the server has run. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.ended_seq IS
    'The record that ended it; null while HELD. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.ended_at IS
    'When it ended; null while HELD. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.reservations.ended_tick IS
    'The tick at which it ended; null while HELD. Unit: milliseconds that the server has run. '
    'Privacy: open.';
COMMENT ON COLUMN stockade.reservations.order_id IS
    'The order that it became; null unless CONFIRMED. Unit: none. Privacy: business.';

CREATE TABLE stockade.reservation_lines (
    brand          text NOT NULL,
    reservation_id uuid NOT NULL,
    granted_seq    bigint NOT NULL,
    line_number    bigint NOT NULL,
    sku            text NOT NULL,
    warehouse      text NOT NULL,
    granted        bigint NOT NULL,
    is_short       boolean NOT NULL,
    PRIMARY KEY (brand, reservation_id, granted_seq, line_number)
);
COMMENT ON TABLE stockade.reservation_lines IS
    'What each line of a reservation was granted. What became an order is in order_lines, under the '
    'same line_number.';
COMMENT ON COLUMN stockade.reservation_lines.brand IS
    'The brand whose stock it is. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.reservation_lines.reservation_id IS
    'The reservation. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.reservation_lines.granted_seq IS
    'The record that granted it. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.reservation_lines.line_number IS
    'Names the line within its reservation. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.reservation_lines.sku IS
    'The SKU within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.reservation_lines.warehouse IS
    'The warehouse it was taken from. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.reservation_lines.granted IS
    'How much was granted; with PARTIAL it may be 0. Unit: base units. Privacy: business.';
COMMENT ON COLUMN stockade.reservation_lines.is_short IS
    'Whether that was less than was asked for. Unit: none. Privacy: business.';

CREATE TABLE stockade.orders (
    brand            text NOT NULL,
    order_id         uuid NOT NULL,
    dealer           text NOT NULL,
    reservation_id   uuid NOT NULL,
    review_state     text NOT NULL,
    fulfilment_state text NOT NULL,
    payment_state    text NOT NULL,
    created_at       timestamptz NOT NULL,
    seq              bigint NOT NULL,
    PRIMARY KEY (brand, order_id)
);
COMMENT ON TABLE stockade.orders IS
    'What dealers have bought. An order is made by the confirmation of a reservation.';
COMMENT ON COLUMN stockade.orders.brand IS
    'The brand that sells. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.orders.order_id IS
    'The order''s id, made by the client. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.dealer IS
    'The dealer who buys. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.orders.reservation_id IS
    'The reservation that it was. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.review_state IS
    'ACCEPTED. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.fulfilment_state IS
    'ALLOCATED: its units are set aside and haven''t left. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.payment_state IS
    'UNPAID. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.orders.created_at IS
    'When the reservation was confirmed. Unit: UTC time. Privacy: open.';
COMMENT ON COLUMN stockade.orders.seq IS
    'The record that made it. Unit: sequence. Privacy: open.';

CREATE TABLE stockade.order_lines (
    brand       text NOT NULL,
    order_id    uuid NOT NULL,
    line_number bigint NOT NULL,
    sku         text NOT NULL,
    warehouse   text NOT NULL,
    quantity    bigint NOT NULL,
    PRIMARY KEY (brand, order_id, line_number)
);
COMMENT ON TABLE stockade.order_lines IS
    'What each line of an order is for.';
COMMENT ON COLUMN stockade.order_lines.brand IS
    'The brand that sells. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.order_lines.order_id IS
    'The order. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.order_lines.line_number IS
    'Names the line within its order; the same as in the reservation. Unit: none. Privacy: open.';
COMMENT ON COLUMN stockade.order_lines.sku IS
    'The SKU within the brand. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.order_lines.warehouse IS
    'The warehouse that the units lie in. Unit: code. Privacy: business.';
COMMENT ON COLUMN stockade.order_lines.quantity IS
    'How much was bought. Unit: base units. Privacy: business.';

-- What couldn't be written ------------------------------------------------------------------------

CREATE TABLE stockade.dead_letters (
    seq      bigint PRIMARY KEY,
    epoch    bigint NOT NULL,
    sqlstate text NOT NULL,
    message  text NOT NULL,
    body     bytea NOT NULL,
    at       timestamptz NOT NULL
);
COMMENT ON TABLE stockade.dead_letters IS
    'Records that Postgres refused to take; the other tables lack their effect. Empty unless '
    'something is wrong: tell the operator.';
COMMENT ON COLUMN stockade.dead_letters.seq IS
    'The record. Unit: sequence. Privacy: open.';
COMMENT ON COLUMN stockade.dead_letters.epoch IS
    'Which start of a writer met it. Unit: count. Privacy: open.';
COMMENT ON COLUMN stockade.dead_letters.sqlstate IS
    'Postgres''s code for the refusal. Unit: five characters. Privacy: open.';
COMMENT ON COLUMN stockade.dead_letters.message IS
    'Postgres''s words for it. Unit: none. Privacy: business.';
COMMENT ON COLUMN stockade.dead_letters.body IS
    'The record''s bytes, as Protocols/journal.md describes them. Unit: bytes. Privacy: business.';
COMMENT ON COLUMN stockade.dead_letters.at IS
    'When the record was decided. Unit: UTC time. Privacy: open.';

-- The fence ---------------------------------------------------------------------------------------

-- The row's lock makes writers wait for each other; the second one finds the first one's figure.
CREATE FUNCTION stockade.advance(
    grp smallint, epoch bigint, first_seq bigint, last_seq bigint, tick bigint, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF advance.last_seq < advance.first_seq THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('records %s to %s are none', advance.first_seq, advance.last_seq);
    END IF;
    UPDATE stockade.state SET
        applied_seq = advance.last_seq, applied_tick = advance.tick, applied_at = advance.at,
        updated_at = clock_timestamp()
    WHERE state.grp = advance.grp AND state.epoch = advance.epoch
        AND state.applied_seq = advance.first_seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'WB001',
            MESSAGE = format(
                'records %s to %s of epoch %s don''t follow what is here',
                advance.first_seq, advance.last_seq, advance.epoch),
            DETAIL = coalesce((
                SELECT format('Here is epoch %s, up to record %s.', s.epoch, s.applied_seq)
                FROM stockade.state s WHERE s.grp = advance.grp), 'Here is nothing yet.');
    END IF;
END
$$;
COMMENT ON FUNCTION stockade.advance(smallint, bigint, bigint, bigint, bigint, timestamptz) IS
    'Moves a writer''s mark over the records first_seq to last_seq, in the transaction that writes '
    'them. WB001: another writer has taken over, or the records were written before, or some are '
    'missing between.';

-- Rights ------------------------------------------------------------------------------------------

REVOKE ALL ON FUNCTION
    stockade.advance(smallint, bigint, bigint, bigint, bigint, timestamptz) FROM PUBLIC;
GRANT USAGE ON SCHEMA stockade TO stockade_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA stockade TO stockade_reader;
-- The days that the writer will make.
ALTER DEFAULT PRIVILEGES IN SCHEMA stockade GRANT SELECT ON TABLES TO stockade_reader;
