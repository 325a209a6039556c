// SPDX-License-Identifier: Apache-2.0
// Made by ops/lib/embed_migrations.py from Protocols/postgres; change those and run it again.

/// The migrations that this binary brings along, in order: those of Protocols/postgres.
enum EmbeddedMigrations {
    static let all = [
        SchemaMigration(
            version: 1, name: "initial",
            checksum: "8fab5528c2fa95059c4b5a1f7c3607cca233664c7b7321bae45dca4cf0c732a9",
            up: ###"""
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

                """###,
            down: ###"""
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

                """###),
        SchemaMigration(
            version: 2, name: "orders",
            checksum: "e11fd899f5b20489cf5bd21397a3835c3631332bc2b298b94f3fdbdafb2b4478",
            up: ###"""
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

                """###,
            down: ###"""
                -- SPDX-License-Identifier: Apache-2.0
                -- Takes back what 0002_orders.up.sql made, and the rows that version 1 has no place for: orders
                -- that aren't of one reservation or whose id was used again, requests and movements of other kinds,
                -- all but one part of a line that was split. Afterwards the tables aren't a journal's image if it
                -- has such records, and a stockade that knows only version 1 can't read that journal.

                DROP VIEW stockade.order_timeline;
                DROP TABLE stockade.order_events;

                DELETE FROM stockade.orders o USING stockade.orders other
                WHERE (other.brand, other.order_id) = (o.brand, o.order_id) AND other.seq > o.seq;
                DELETE FROM stockade.orders WHERE reservation_id IS NULL;
                DELETE FROM stockade.order_lines l WHERE NOT EXISTS (
                    SELECT FROM stockade.orders o
                    WHERE (o.brand, o.order_id, o.seq) = (l.brand, l.order_id, l.seq));
                UPDATE stockade.orders SET review_state = 'ACCEPTED', fulfilment_state = 'ALLOCATED'
                WHERE review_state = 'CANCELLED';
                ALTER TABLE stockade.orders
                    ALTER COLUMN reservation_id SET NOT NULL,
                    DROP CONSTRAINT orders_pkey,
                    ADD PRIMARY KEY (brand, order_id),
                    DROP COLUMN updated_at,
                    DROP COLUMN last_seq;
                DELETE FROM stockade.order_lines l USING stockade.order_lines other
                WHERE (other.brand, other.order_id, other.line_number) = (l.brand, l.order_id, l.line_number)
                    AND other.warehouse < l.warehouse;
                ALTER TABLE stockade.order_lines
                    DROP CONSTRAINT order_lines_pkey,
                    DROP COLUMN seq,
                    DROP COLUMN cancelled,
                    ADD PRIMARY KEY (brand, order_id, line_number);

                DELETE FROM stockade.reservation_lines l USING stockade.reservation_lines other
                WHERE (other.brand, other.reservation_id, other.granted_seq, other.line_number)
                    = (l.brand, l.reservation_id, l.granted_seq, l.line_number) AND other.warehouse < l.warehouse;
                ALTER TABLE stockade.reservation_lines
                    DROP CONSTRAINT reservation_lines_pkey,
                    ADD PRIMARY KEY (brand, reservation_id, granted_seq, line_number);

                DELETE FROM stockade.outcomes WHERE call NOT IN ('SetStock', 'AdjustStock');
                ALTER TABLE stockade.outcomes
                    DROP CONSTRAINT outcomes_form_check,
                    DROP CONSTRAINT outcomes_call_check,
                    DROP COLUMN to_warehouse,
                    DROP COLUMN reference,
                    ALTER COLUMN sku SET NOT NULL,
                    ALTER COLUMN warehouse SET NOT NULL,
                    ADD CONSTRAINT outcomes_call_check CHECK (call IN ('SetStock', 'AdjustStock'));

                DELETE FROM stockade.movements WHERE kind IN ('ORDER', 'CANCEL', 'POLICY', 'TRANSFER');
                ALTER TABLE stockade.movements
                    DROP CONSTRAINT movements_kind_check,
                    DROP CONSTRAINT movements_pkey,
                    ADD PRIMARY KEY (seq, line, at),
                    DROP COLUMN account,
                    DROP COLUMN safety_change;
                ALTER TABLE stockade.movements ADD CONSTRAINT movements_kind_check CHECK (
                    kind IN ('SET', 'ADJUST', 'RESERVE', 'CONFIRM', 'RELEASE', 'EXPIRE'));

                ALTER TABLE stockade.stock
                    DROP COLUMN backorder_limit,
                    DROP COLUMN low_water,
                    DROP COLUMN high_water,
                    DROP COLUMN hold_ttl_ms;

                """###),
    ]
}
