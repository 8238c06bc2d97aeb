"""What a scrape shows of the metrics of user code. The lines are those of the official package."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

import pytest

from temporalio.common import MetricMeter
from temporalio.runtime import Runtime

from .telling import SERVICE, Scrape, scrape, scraped_runtime

MILLISECONDS = ("50", "100", "500", "1000", "2500", "10000", "+Inf")
SECONDS = ("0.05", "0.1", "0.5", "1", "2.5", "10", "+Inf")


def record_all(meter: MetricMeter) -> None:
    """Record a value of each kind."""
    meter.create_counter("a-counter", "it counts", "pieces").add(2, {"x": 1})
    meter.create_gauge("a-gauge", "it stands", "%").set(4)
    meter.create_gauge_float("a-gauge-float", "it floats").set(5.25)
    meter.create_histogram("a-hist", "it spreads", "bytes").record(75)
    meter.create_histogram_float("a-hist-float", "it varies").record(0.75)
    meter.create_histogram_timedelta("a-time", "it lasts").record(timedelta(milliseconds=2005))
    whole = meter.create_histogram_timedelta("a-unit", "it lasts", "duration")
    whole.record(timedelta(milliseconds=30))


def shown(telemetry: dict[str, Any] | None = None, **options: Any) -> Scrape:
    """What a runtime of these options shows of a value of each kind."""
    made, address = scraped_runtime(telemetry, **options)
    record_all(made.metric_meter)
    return scrape(address)


def cumulated(bounds: tuple[str, ...], first: str) -> dict[str, float]:
    """Buckets of a histogram with one value, which is in ``first``."""
    index = bounds.index(first)
    return {bound: float(place >= index) for place, bound in enumerate(bounds)}


def test_before_anything_was_recorded() -> None:
    _made, address = scraped_runtime()
    assert scrape(address).text == ""


def test_all_kinds() -> None:
    found = shown()
    assert found.types == {
        "a_counter": "counter",
        "a_gauge": "gauge",
        "a_gauge_float": "gauge",
        "a_hist": "histogram",
        "a_hist_float": "histogram",
        "a_time": "histogram",
        "a_unit": "histogram",
    }
    assert found.helps == {
        "a_counter": "it counts",
        "a_gauge": "it stands",
        "a_gauge_float": "it floats",
        "a_hist": "it spreads",
        "a_hist_float": "it varies",
        "a_time": "it lasts",
        "a_unit": "it lasts",
    }
    assert found.only("a_counter") == ({**SERVICE, "x": "1"}, 2)
    assert found.only("a_gauge") == (SERVICE, 4)
    assert found.only("a_gauge_float") == (SERVICE, 5.25)
    sums = {"a_hist": 75, "a_hist_float": 0.75, "a_time": 2005, "a_unit": 30}
    fits = {"a_hist": "100", "a_hist_float": "50", "a_time": "2500", "a_unit": "50"}
    for name, total in sums.items():
        assert found.only(f"{name}_sum") == (SERVICE, total)
        assert found.only(f"{name}_count") == (SERVICE, 1)
        assert found.buckets(name) == cumulated(MILLISECONDS, fits[name])


def test_durations_as_seconds() -> None:
    found = shown(durations_as_seconds=True)
    sums = {"a_hist": 75, "a_hist_float": 0.75, "a_time": 2.005, "a_unit": 0.03}
    fits = {"a_hist": "+Inf", "a_hist_float": "1", "a_time": "2.5", "a_unit": "0.05"}
    for name, total in sums.items():
        assert found.only(f"{name}_sum") == (SERVICE, total)
        assert found.buckets(name) == cumulated(SECONDS, fits[name])


def test_suffixes() -> None:
    assert list(shown(counters_total_suffix=True).types) == [
        *("a_counter_total", "a_gauge", "a_gauge_float"),
        *("a_hist", "a_hist_float", "a_time", "a_unit"),
    ]
    assert list(shown(unit_suffix=True).types) == [
        *("a_counter", "a_gauge", "a_gauge_float"),
        *("a_hist_bytes", "a_hist_float", "a_time_milliseconds", "a_unit_milliseconds"),
    ]
    assert list(shown(unit_suffix=True, durations_as_seconds=True).types) == [
        *("a_counter", "a_gauge", "a_gauge_float"),
        *("a_hist_bytes", "a_hist_float", "a_time_seconds", "a_unit_seconds"),
    ]


def test_buckets_of_ones_own() -> None:
    found = shown(histogram_bucket_overrides={"hist": [1, 2.5, 100], "a_unit": (5,)})
    assert found.buckets("a_hist") == {"1": 0, "2.5": 0, "100": 1, "+Inf": 1}
    assert found.buckets("a_hist_float") == {"1": 1, "2.5": 1, "100": 1, "+Inf": 1}
    assert found.buckets("a_time") == cumulated(MILLISECONDS, "2500")


def test_tags_are_on_everything() -> None:
    found = shown({"global_tags": {"place": "here", "zone": "a"}})
    for name, series in found.series.items():
        for labels, _ in series:
            assert labels["place"] == "here" and labels["zone"] == "a", name
            assert labels["service_name"] == "temporal-core-sdk"


def test_without_the_name_of_the_service() -> None:
    found = shown({"attach_service_name": False})
    assert found.only("a_counter") == ({"x": "1"}, 2)
    assert found.only("a_gauge") == ({}, 4)


def test_the_prefix_is_for_the_runtimes_own_metrics_only() -> None:
    assert shown({"metric_prefix": "mine_"}).types == shown().types


def test_labels_are_escaped_and_have_names_that_can_be_shown() -> None:
    made, address = scraped_runtime()
    counter = made.metric_meter.create_counter("counter", 'a\\b\nc"d')
    counter.add(1, {"s": 'a"b\\c\nd', "i": 1, "f": 1.5, "t": True, "n": False, "with-dash": 2.0})
    found = scrape(address)
    assert found.helps == {"counter": 'a\\\\b\\nc"d'}
    assert found.only("counter") == (
        {
            **SERVICE,
            "s": r"a\"b\\c\nd",
            "i": "1",
            "f": "1.5",
            "t": "true",
            "n": "false",
            "with_dash": "2",
        },
        1,
    )


def test_meters_share_what_has_one_name() -> None:
    made, address = scraped_runtime()
    meter = made.metric_meter
    for one in (meter, meter, meter.with_additional_attributes({"x": 1})):
        one.create_counter("counter", "it counts").add(1)
    meter.create_counter("counter", "it counts").add(1, {"x": 1})
    meter.create_gauge("gauge").set(1)
    meter.create_gauge("gauge").set(2)
    found = scrape(address)
    series = sorted(found.series["counter"], key=lambda one: len(one[0]))
    assert series == [(SERVICE, 2), ({**SERVICE, "x": "1"}, 2)]
    assert found.only("gauge") == (SERVICE, 2)


def test_names_are_made_such_as_can_be_shown() -> None:
    made, address = scraped_runtime()
    for name in ("with-dash", "two words", "9lives", "a.b/c", "ü"):
        made.metric_meter.create_counter(name).add(1)
    assert set(scrape(address).types) == {"with_dash", "two_words", "_9lives", "a_b_c", "_"}


def test_two_kinds_under_one_name_are_told_of(capfd: pytest.CaptureFixture[str]) -> None:
    made, address = scraped_runtime()
    made.metric_meter.create_counter("twice").add(1)
    made.metric_meter.create_gauge("twice").set(1)
    assert scrape(address).types == {"twice": "counter"}
    assert "two metrics of different kinds have the same name" in capfd.readouterr().err


def test_only_metrics_are_served() -> None:
    _made, address = scraped_runtime()
    for path, data in (("/", None), ("/other", None), ("/metrics", b"posted")):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://{address}{path}", data=data, timeout=30)


def test_two_runtimes_show_their_own() -> None:
    pairs: list[tuple[Runtime, str]] = [scraped_runtime() for _ in range(2)]
    for number, (made, _) in enumerate(pairs, 1):
        made.metric_meter.create_counter("counter").add(number)
    assert [scrape(address).only("counter")[1] for _, address in pairs] == [1, 2]
