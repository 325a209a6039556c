# SPDX-License-Identifier: Apache-2.0
"""The administration side of a server: health, metrics, drain, level, on a real one."""

import http.client
import re
import socket

import grpc
import pytest
import stockade_server
from admin_side import FLAG, Admin
from shop import CALL_SECONDS, Shop, eventually, new_id, open_channel
from stockade.v1 import reservation_service_pb2 as reservation
from stockade_server import StockadeServer
from tracing import StoppedThread, Tracer, strace

FORBIDDEN = 78
FAILED = 1
PATHS = ("/livez", "/readyz", "/startupz", "/version", "/metrics", "/status", "/status.json",
         "/config")
CHANGES = ("/drain", "/logging")
BRAND = "brand"


@pytest.fixture
def running(journal_server):
    return journal_server(FLAG)


@pytest.fixture
def admin(running):
    return Admin(running)


@pytest.fixture
def shop(running):
    with Shop(running.address, BRAND) as client:
        client.set_stock("tea", 10)
        yield client


class TestPaths:
    def test_every_path_answers(self, admin):
        for path in PATHS:
            status, headers, text = admin.ask(path)
            assert status == 200 and text.strip(), path
            assert headers["Cache-Control"] == "no-store", path

    def test_an_unknown_path_lists_those_that_are(self, admin):
        status, _, text = admin.ask("/metric")
        assert status == 404
        for path in (*PATHS, *CHANGES):
            assert re.search(rf"(GET|POST) {re.escape(path)}\b", text), path

    def test_only_post_changes_something(self, admin):
        for path, method, allowed in (
            [(path, "POST", "GET") for path in PATHS] + [(path, "GET", "POST") for path in CHANGES]
        ):
            status, headers, _ = admin.ask(path, method)
            assert (status, headers["Allow"]) == (405, allowed), path
        assert admin.is_ready(), "nothing was changed"

    def test_a_page_of_another_site_changes_nothing(self, admin):
        status, _, text = admin.ask("/drain", "POST", Origin="https://example.org")
        assert status == 403 and "curl" in text
        assert admin.is_ready()

    def test_version(self, admin):
        told = admin.json("/version")
        said = stockade_server.run("--version").stdout
        assert said == f"stockade {told['version']} (commit {told['commit']})\n"
        assert set(told) == {"version", "commit", "swift", "journal_format"}

    def test_config_tells_no_secret(self, journal_server):
        running = journal_server(FLAG, "--postgres=host=127.0.0.1 port=1 password=hunter2")
        text = Admin(running).text("/config")
        assert '"conninfo":"(set)"' in text and "hunter2" not in text
        assert "hunter2" not in running.log()

    def test_level(self, admin, running):
        status, _, text = admin.ask("/logging?level=loud", "POST")
        assert status == 400 and "warning" in text
        assert admin.text("/logging?level=error", "POST") == "level error\n"
        assert "log level is error" not in running.log(), "a notice, which isn't written any more"
        admin.text("/logging?level=debug", "POST")
        eventually(lambda: "log level is debug" in running.log())


class TestStarting:
    def test_nothing_on_standard_output(self, journal_server):
        running = journal_server(FLAG)
        assert running.ready_line.startswith("ready ")
        running.terminate()
        assert running.wait() == (0, "")

    def test_without_the_flag_there_is_none(self, journal_server):
        assert "admin" not in journal_server().log()

    def test_a_port_alone_is_on_this_machine(self, journal_server):
        assert Admin(journal_server("--admin=0")).is_ready()

    def test_an_address_beyond_this_machine_is_refused(self, tmp_path):
        ended = stockade_server.refused_start(tmp_path / "data", "--admin=0.0.0.0:0")
        assert ended.returncode == FORBIDDEN
        assert "--insecure-listen" in ended.stderr and "127.0.0.1" in ended.stderr

    def test_a_port_in_use_is_refused(self, tmp_path):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            ended = stockade_server.refused_start(tmp_path / "data", f"--admin={port}")
        assert ended.returncode == FORBIDDEN
        assert f"127.0.0.1:{port}" in ended.stderr and "--admin" in ended.stderr

    def test_it_answers_before_the_journal_is_read(self, tmp_path):
        """The flush with which a start begins is delayed: the journal isn't read meanwhile."""
        data = tmp_path / "data"
        with StockadeServer(data=data) as running, Shop(running.address, BRAND) as shop:
            shop.set_stock("tea", 7)
        tracer = strace(tmp_path / "trace", "fdatasync,fsync:delay_enter=3000000:when=1")
        running = StockadeServer(FLAG, data=data, under=tracer).begin()
        admin = Admin(running)
        assert admin.text("/livez") == "ok\n"
        for path in ("/readyz", "/startupz"):
            status, _, text = admin.ask(path)
            assert status == 503 and "journal" in text, text
        status, _, text = admin.ask("/drain", "POST")
        assert status == 409 and "SIGTERM" in text
        assert admin.value("stockade_ready") == 0
        assert admin.value("stockade_phase", phase="replaying") == 1
        eventually(admin.is_ready)
        assert admin.text("/startupz") == "ok\n"
        assert admin.value("stockade_ready") == 1
        assert admin.value("stockade_replay_records") > 0
        running.terminate()
        assert running.wait()[0] == 0


class TestReadiness:
    def test_verbose_names_each_check(self, admin):
        lines = admin.text("/readyz?verbose").splitlines()
        assert lines[-1] == "ok"
        checks = [re.fullmatch(r"\[\+\] (\S+) [\d.e-]+ ms", each).group(1) for each in lines[:-1]]
        assert checks == ["replay", "drain", "journal", "journal-space"]

    def test_it_falls_when_the_journal_stands_still(self, running, admin, shop):
        assert admin.is_ready()
        with StoppedThread(running, "journal"):
            call = shop.reservations.Reserve.future(shop.reserve_request({"tea": 1}), timeout=60)
            text = eventually(lambda: not admin.is_ready() and admin.ask("/readyz")[2])
            assert "[-] journal " in text
            assert admin.value("stockade_journal_state", state="stalled") == 1
            assert admin.text("/livez") == "ok\n", "no reason to kill it"
        assert call.result().reservation.lines[0].granted == 1
        eventually(admin.is_ready)

    def test_it_falls_when_the_journal_fails(self, running, admin, shop):
        told = []
        with Tracer(running.thread_id("journal"), "fdatasync:error=EIO:when=1"):
            call = shop.reservations.Reserve.future(
                shop.reserve_request({"tea": 1}), timeout=CALL_SECONDS)
            while running.is_alive:
                try:
                    told.append(admin.ask("/readyz?verbose"))
                except (OSError, http.client.HTTPException):
                    break  # the process ended before or within an answer
            assert call.exception().code() == grpc.StatusCode.UNAVAILABLE
            assert running.wait(20)[0] == FAILED
        failed = [text for status, _, text in told if status == 503]
        assert failed and all("[-] journal " in text for text in failed), told
        assert ".seg" in failed[-1], "which file"

    def test_it_falls_when_the_space_runs_out(self, journal_server):
        running = journal_server(FLAG, "--journal-max=1MiB")
        admin = Admin(running)
        with Shop(running.address, BRAND) as shop:
            shop.set_stock("tea", 1_000_000)
            assert admin.is_ready()
            requests = (shop.reserve_request([("tea", 1)] * 100) for _ in range(10_000))
            for request in requests:
                try:
                    shop.reservations.Reserve(request, timeout=CALL_SECONDS)
                except grpc.RpcError as refusal:
                    assert refusal.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                    break
                if not admin.is_ready():
                    break
            status, _, text = admin.ask("/readyz")
            assert status == 503 and "[-] journal-space " in text
            assert admin.value("stockade_journal_state", state="full") == 1

    def test_postgres_never_matters(self, journal_server):
        running = journal_server(FLAG, "--postgres=host=127.0.0.1 port=1 user=nobody dbname=none")
        admin = Admin(running)
        eventually(lambda: admin.value("stockade_postgres_retries_total") > 1)
        assert admin.is_ready()
        assert admin.value("stockade_postgres_phase", phase="connecting") == 1


class TestDrain:
    def test_as_with_sigterm(self, running, admin, shop):
        request = shop.reserve_request({"tea": 1})
        with StoppedThread(running, "journal") as stopped:
            call = shop.reservations.Reserve.future(request, timeout=60)
            eventually(lambda: admin.value("stockade_journal_queue_records") > 0)
            status, _, text = admin.ask("/drain", "POST")
            assert status == 202, text
            status, _, text = admin.ask("/readyz")
            assert status == 503 and "[-] drain " in text
            stopped.resume()
        assert call.result().reservation.lines[0].granted == 1, "it was accepted, so it is answered"
        assert running.wait() == (0, "")

    def test_without_anybody(self, running, admin):
        assert admin.ask("/drain", "POST")[0] == 202
        assert running.wait() == (0, "")


class TestMetrics:
    def test_both_forms_are_well_formed_and_say_the_same_names(self, running, admin, shop):
        shop.reserve({"tea": 1})
        plain, opened = admin.families(), admin.open_families()
        assert {name: each.type for name, each in plain.items()} == {
            name: each.type for name, each in opened.items()
        }
        for name, family in plain.items():
            assert family.documentation, name
            assert family.type != "unknown", name

    def test_the_list_is_what_is_there(self, journal_server):
        running = journal_server(FLAG, "--postgres=host=127.0.0.1 port=1 user=nobody dbname=none")
        families = Admin(running).families()
        listed = {}
        for row in stockade_server.run("metrics", "list").stdout.splitlines():
            name, kind, most, labels, meaning = row.split("\t")
            listed[name] = kind, int(most), labels, meaning
        assert set(listed) == {
            name + "_total" if each.type == "counter" else name for name, each in families.items()
        }
        for name, (kind, most, labels, meaning) in listed.items():
            family = families[name.removesuffix("_total") if kind == "counter" else name]
            assert (family.type, family.documentation) == (kind, meaning)
            assert len(family.samples) <= most, name
            names = set() if labels == "-" else set(labels.split(","))
            for sample in family.samples:
                assert set(sample.labels) - {"le"} == names, name

    def test_calls_are_counted_with_the_code_that_was_sent(self, running, admin, shop):
        before = admin.handled("Reserve", "OK")
        request = shop.reserve_request({"tea": 4})
        shop.call(shop.reservations.Reserve, request)
        assert shop.call(shop.reservations.Reserve, request).is_replay
        for _ in range(3):
            with pytest.raises(grpc.RpcError):
                shop.reserve({"tea": 7})
        with pytest.raises(grpc.RpcError):
            shop.reserve({"tea": 0})
        with pytest.raises(grpc.RpcError):
            shop.call(
                shop.reservations.Reserve, shop.reserve_request({"tea": 1}),
                metadata=(("x-stockade-shadow", "1"),))
        assert admin.handled("Reserve", "OK") - before == 2
        assert admin.handled("Reserve", "FailedPrecondition") == 4
        assert admin.handled("Reserve", "InvalidArgument") == 1
        assert admin.value("stockade_refusals_total", reason="INSUFFICIENT_STOCK") == 3
        assert admin.value("stockade_refusals_total", reason="QTY_OUT_OF_RANGE") == 1
        assert admin.value("stockade_refusals_total", reason="SHADOW_UNAVAILABLE") == 1
        assert admin.value("stockade_stress_tagged_calls_total") == 1
        assert admin.value("stockade_idempotent_replays_total") == 1
        started = admin.value("grpc_server_started_total", grpc_method="Reserve")
        handled = sum(
            sample.value for sample in admin.families()["grpc_server_handled"].samples
            if sample.labels["grpc_method"] == "Reserve")
        assert started == handled == 7

    def test_items_of_a_batch_count_one_by_one(self, admin, shop):
        replays = "stockade_idempotent_replays_total"
        items = [shop.reserve_request({"tea": units}) for units in (4, 7, 1)]
        shop.reserve_batch(items)
        assert admin.value(replays) == 0
        assert admin.value("stockade_refusals_total", reason="INSUFFICIENT_STOCK") == 1
        again = shop.reserve_batch([*items, shop.reserve_request({"tea": 1})])
        assert [each.replayed for each in again] == [True, True, True, False]
        assert admin.value(replays) == 3
        assert admin.value("stockade_refusals_total", reason="INSUFFICIENT_STOCK") == 2
        assert admin.handled("BatchReserve", "OK") == 2

    def test_every_answer_that_is_marked_as_a_replay_is_counted(self, admin, shop):
        replays = "stockade_idempotent_replays_total"
        direct, too_much = shop.order_request({"tea": 2}), shop.order_request({"tea": 99})
        assert not shop.call(shop.orders.CreateOrder, direct).is_replay
        with pytest.raises(grpc.RpcError):
            shop.call(shop.orders.CreateOrder, too_much)
        assert admin.value(replays) == 0
        assert shop.call(shop.orders.CreateOrder, direct).is_replay
        assert admin.value(replays) == 1
        with pytest.raises(grpc.RpcError) as refused:
            shop.call(shop.orders.CreateOrder, too_much)
        assert dict(refused.value.trailing_metadata()).get("idempotent-replay") == "1"
        assert admin.value(replays) == 2

    def test_times_add_up(self, running, admin, shop):
        for _ in range(20):
            shop.stock("tea")
        seconds = "grpc_server_handling_seconds"
        # Answers are timed at the end of a turn, when they have left already.
        eventually(lambda: admin.value(f"{seconds}_count", grpc_method="GetStock") == 20)
        samples = [
            each for each in admin.families()[seconds].samples
            if each.labels["grpc_method"] == "GetStock"
        ]
        buckets = [each.value for each in samples if each.name.endswith("_bucket")]
        assert buckets == sorted(buckets) and buckets[-1] == 20
        assert [each.value for each in samples if each.name.endswith("_count")] == [20]
        total = next(each.value for each in samples if each.name.endswith("_sum"))
        assert 0 < total < 60

    def test_the_wait_for_the_disk_is_in_them(self, running, admin, shop):
        seconds = "grpc_server_handling_seconds"
        with StoppedThread(running, "journal") as stopped:
            call = shop.reservations.Reserve.future(shop.reserve_request({"tea": 1}), timeout=60)
            eventually(lambda: admin.value("stockade_journal_state", state="stalled") == 1)
            stopped.resume()
            call.result()
        assert admin.value(f"{seconds}_sum", grpc_method="Reserve") >= 1
        assert admin.value(f"{seconds}_bucket", grpc_method="Reserve", le="0.5") == 0

    def test_ends_that_no_service_sees(self, running, admin, shop):
        channel = shop.channel
        with pytest.raises(grpc.RpcError):
            channel.unary_unary("/stockade.v1.Nonsense/Do")(b"", timeout=CALL_SECONDS)
        with pytest.raises(grpc.RpcError):
            channel.unary_unary("/stockade.v1.ReservationService/Release")(
                b"\xff\xff", timeout=CALL_SECONDS)
        assert admin.handled("unknown", "Unimplemented") == 1
        assert admin.handled("Release", "Internal") == 1
        assert admin.value("stockade_undecodable_messages_total") == 1
        with StoppedThread(running, "journal"):
            call = shop.reservations.Reserve.future(shop.reserve_request({"tea": 1}), timeout=60)
            eventually(lambda: admin.value("stockade_journal_queue_records") > 0)
            call.cancel()
            eventually(lambda: admin.handled("Reserve", "Canceled") == 1)

    def test_a_caller_names_no_series(self, running, admin, shop):
        canary = "canary-4711"
        shop.set_stock(canary, 5)
        shop.reserve({canary: 1}, dealer=canary, client_reference=canary)
        with pytest.raises(grpc.RpcError):
            shop.channel.unary_unary(f"/{canary}/Do")(b"", timeout=CALL_SECONDS)
        assert canary not in admin.text("/metrics")
        assert canary not in running.log()

    def test_connections(self, running, admin, shop):
        before = admin.value("stockade_connections_accepted_total")
        with open_channel(running.address) as channel:
            grpc.channel_ready_future(channel).result(CALL_SECONDS)
            assert admin.value("stockade_connections") == 2
        eventually(lambda: admin.value("stockade_connections") == 1)
        assert admin.value("stockade_connections_accepted_total") == before + 1
        assert admin.value("stockade_connections_closed_total", cause="peer") == 1

    def test_journal_and_core(self, running, admin, shop):
        held = shop.reserve({"tea": 3})
        assert admin.value("stockade_holds") == 1
        assert admin.value("stockade_holds_limit") == 20_000
        assert admin.value("stockade_accounts") == 1
        assert admin.value("stockade_journal_durable_sequence") > 0
        assert admin.value("stockade_journal_write_seconds_count") == admin.value(
            "stockade_journal_blocks_total") > 0
        assert admin.value("stockade_journal_limit_bytes") == 64 << 20
        shop.call(
            shop.reservations.Release,
            reservation.ReleaseRequest(reservation_id=held.reservation_id, brand=BRAND))
        assert admin.value("stockade_holds") == 0
        shop.reserve({"tea": 1}, ttl_ms=1_000, reservation_id=new_id())
        eventually(lambda: admin.value("stockade_expiries_total") == 1)

    def test_the_process(self, running, admin):
        assert admin.value("process_resident_memory_bytes") > 1 << 20
        assert admin.value("process_open_fds") > 3
        assert admin.value("process_cpu_seconds_total") > 0
        assert abs(admin.value("process_start_time_seconds") - _now()) < 3_600
        assert admin.value("stockade_scrape_duration_seconds") > 0


def _now():
    with open("/proc/stat", encoding="ascii") as file:
        booted = int(re.search(r"^btime (\d+)", file.read(), re.MULTILINE).group(1))
    with open("/proc/uptime", encoding="ascii") as file:
        return booted + float(file.read().split()[0])


class TestStatus:
    def test_the_page_needs_nothing_from_elsewhere(self, admin):
        _, headers, page = admin.ask("/status")
        assert headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
        assert not re.search(r"""(?:href|src)=|@import|url\(|innerHTML""", page)

    def test_batches_and_direct_orders_make_stock_hot(self, admin, shop):
        """One of sixteen is looked at, on each loop: more than enough of both."""
        for sku in ("batched", "ordered"):
            shop.set_stock(sku, 1_000)
        assert admin.json("/status.json")["hot"] == []
        shop.reserve_batch([shop.reserve_request({"batched": 1}) for _ in range(64)])
        assert {each["sku"] for each in admin.json("/status.json")["hot"]} == {"batched"}
        for _ in range(64):
            shop.create_order({"ordered": 1})
        hot = {each["sku"]: each for each in admin.json("/status.json")["hot"]}
        assert set(hot) == {"batched", "ordered"}
        assert (hot["batched"]["held"], hot["ordered"]["allocated"]) == (64, 64)

    def test_what_it_draws(self, running, admin, shop):
        shop.set_stock("<b>hot</b>", 1_000)
        for _ in range(64):
            shop.reserve({"<b>hot</b>": 1})
        told = eventually(
            lambda: (now := admin.json("/status.json")) and now["history"]["calls"] and now)
        assert told["ready"] and told["problems"] == []
        assert told["hot"][0]["sku"] == "<b>hot</b>"
        assert told["hot"][0]["held"] == 64
        assert told["hot"][0]["available"] == 1_000 - 64
        history = told["history"]
        assert {len(column) for column in history.values()} == {len(history["ms"])}
        assert told["warnings"] == told["used_up"] == told["refusals"] == []

    def test_it_says_what_is_full(self, journal_server):
        """All is refused for want of room: the page must not look as if all were well."""
        running = journal_server(FLAG, "--holds-max=1000")
        admin = Admin(running)
        with Shop(running.address, BRAND) as shop:
            shop.set_stock("tea", 1_000_000)
            shop.reserve_batch([shop.reserve_request({"tea": 1}) for _ in range(1_000)])

            def told():
                shop.reserve_batch([shop.reserve_request({"tea": 1}) for _ in range(100)])
                now = admin.json("/status.json")
                return now["refusals"] and now

            now = eventually(told)
        assert now["ready"] and now["problems"] == []
        assert now["refusals"][0]["reason"] == "TOO_MANY_HOLDS"
        assert now["history"]["refused"][-1] == now["refusals"][0]["per_second"] > 0
        assert now["history"]["sold_out"][-1] == 0
        assert any("TOO_MANY_HOLDS; see --holds-max" in each for each in now["warnings"])
        assert admin.is_ready(), "no reason to send its callers away"
        assert admin.text("/readyz") == "ok\n"
        lines = admin.text("/readyz?verbose").splitlines()
        assert lines[-1] == "ok"
        assert any(re.match(r"\[!\] room: .*--holds-max", each) for each in lines)

    def test_what_is_used_up_is_not_yet_full(self, journal_server):
        """Accounts as many as there will ever be: full only once another is refused."""
        running = journal_server(FLAG, "--accounts-max=1")
        admin = Admin(running)
        with Shop(running.address, BRAND) as shop:
            shop.set_stock("tea", 10)
            shop.reserve({"tea": 1})
            now = admin.json("/status.json")
            assert now["ready"] and now["warnings"] == []
            assert [each.partition(":")[0] for each in now["used_up"]] == ["accounts"]
            lines = admin.text("/readyz?verbose").splitlines()
            assert lines[-2].startswith("[i] room: accounts: all 1 are taken"), lines

            def told():
                with pytest.raises(grpc.RpcError):
                    shop.set_stock("coffee", 10)
                now = admin.json("/status.json")
                return now["warnings"] and now

            now = eventually(told)
        assert now["ready"] and now["used_up"] == []
        assert "accounts: all 1 are taken, and new ones are refused" in now["warnings"][0]
