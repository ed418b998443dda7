# SPDX-License-Identifier: Apache-2.0
"""Reads the probe's expositions with parsers that others wrote, and compares what they say."""

import json
import math
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, unknown_fields
from google.protobuf.internal.decoder import _DecodeVarint32
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text


def message_types():
    """io.prometheus.client as its metrics.proto declares it, for the runtime of protobuf."""
    file = descriptor_pb2.FileDescriptorProto(name="metrics.proto", package="io.prometheus.client", syntax="proto2")
    kinds = descriptor_pb2.FieldDescriptorProto

    def message(name, *fields):
        declared = file.message_type.add(name=name)
        for number, field, kind, repeated in fields:
            entry = declared.field.add(name=field, number=number, label=3 if repeated else 1)
            if isinstance(kind, str):
                entry.type, entry.type_name = kinds.TYPE_MESSAGE, ".io.prometheus.client." + kind
            else:
                entry.type = kind
        return declared

    double, unsigned, signed32, signed64 = kinds.TYPE_DOUBLE, kinds.TYPE_UINT64, kinds.TYPE_SINT32, kinds.TYPE_SINT64
    string, enum = kinds.TYPE_STRING, kinds.TYPE_INT32
    message("Timestamp", (1, "seconds", kinds.TYPE_INT64, False), (2, "nanos", kinds.TYPE_INT32, False))
    message("LabelPair", (1, "name", string, False), (2, "value", string, False))
    message("Exemplar", (1, "label", "LabelPair", True), (2, "value", double, False), (3, "timestamp", "Timestamp", False))
    message("Gauge", (1, "value", double, False))
    message("Counter", (1, "value", double, False), (2, "exemplar", "Exemplar", False), (3, "created", "Timestamp", False))
    message("Quantile", (1, "quantile", double, False), (2, "value", double, False))
    message("Summary", (1, "sample_count", unsigned, False), (2, "sample_sum", double, False),
            (3, "quantile", "Quantile", True), (4, "created", "Timestamp", False))
    message("Untyped", (1, "value", double, False))
    message("Bucket", (1, "cumulative_count", unsigned, False), (2, "upper_bound", double, False),
            (3, "exemplar", "Exemplar", False))
    message("BucketSpan", (1, "offset", signed32, False), (2, "length", kinds.TYPE_UINT32, False))
    message("Histogram", (1, "sample_count", unsigned, False), (2, "sample_sum", double, False), (3, "bucket", "Bucket", True),
            (5, "schema", signed32, False), (6, "zero_threshold", double, False), (7, "zero_count", unsigned, False),
            (9, "negative_span", "BucketSpan", True), (10, "negative_delta", signed64, True),
            (12, "positive_span", "BucketSpan", True), (13, "positive_delta", signed64, True),
            (15, "created", "Timestamp", False), (16, "exemplars", "Exemplar", True))
    message("Metric", (1, "label", "LabelPair", True), (2, "gauge", "Gauge", False), (3, "counter", "Counter", False),
            (4, "summary", "Summary", False), (5, "untyped", "Untyped", False), (7, "histogram", "Histogram", False))
    message("MetricFamily", (1, "name", string, False), (2, "help", string, False), (3, "type", enum, False),
            (4, "metric", "Metric", True), (5, "unit", string, False))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("io.prometheus.client.MetricFamily"))


def read_protobuf(data):
    """Name, labels, value of every sample, as the text formats would spell them."""
    family_type, position, families = message_types(), 0, []
    while position < len(data):
        length, position = _DecodeVarint32(data, position)
        family = family_type()
        family.ParseFromString(data[position:position + length])
        assert not list(unknown_fields.UnknownFieldSet(family)), f"{family.name}: fields that the schema does not have"
        families.append(family)
        position += length
    return families


def samples_of(families):
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def same(left, right):
    return left == right or (math.isnan(left) and math.isnan(right))


def sample(folder):
    def read(name, mode="r"):
        with open(f"{folder}/{name}", mode, **({} if "b" in mode else {"newline": "", "encoding": "utf-8"})) as file:
            return file.read()

    strict = list(openmetrics(read("openMetrics")))
    plain = list(text(read("prometheusText")))
    from_text = samples_of(plain)
    from_strict = samples_of(strict)

    def canonical(key):
        labels = [(k, str(float(v)) if k in ("le", "quantile") and v != "+Inf" else v) for k, v in key[1]]
        return key[0], tuple(labels)

    left = {canonical(k): v for k, v in from_text.items() if not k[0].startswith(("process_", "system_"))}
    right = {canonical(k): v for k, v in from_strict.items()}
    missing = [k for k, v in left.items() if k not in right or not same(v, right[k])]
    assert not missing, f"text and OpenMetrics differ: {missing[:3]}"
    exemplars = [s.exemplar for f in strict for s in f.samples if s.exemplar]
    assert len(exemplars) >= 4 and exemplars[0].labels, "no exemplar read back"
    assert {f.type for f in strict} >= {"counter", "gauge", "histogram", "summary", "info", "stateset", "unknown"}

    families = read_protobuf(read("protobuf", "rb"))
    by_name = {f.name: f for f in families}
    value = by_name["http_requests_total"].metric[0]
    assert value.counter.value == 3 and value.counter.exemplar.label[0].value == "abc-d"
    assert [l.value for l in value.label] == ['eu "1"\\', "GET", '/a"b\\c\nd é']
    assert by_name["http_requests_total"].help == 'Requests \\ served\nby "all".'
    native = by_name["native_seconds"].metric[0].histogram
    for histogram in (native, by_name["both_seconds"].metric[0].histogram):
        total = histogram.zero_count
        for deltas, spans in ((histogram.positive_delta, histogram.positive_span),
                              (histogram.negative_delta, histogram.negative_span)):
            assert len(deltas) == sum(span.length for span in spans)
            count = 0
            for delta in deltas:
                count += delta
                assert count >= 0
                total += count
        assert total == histogram.sample_count, f"{total} in buckets, count {histogram.sample_count}"
    assert native.schema == 3 and native.sample_count == 1002 and native.zero_count == 1
    families_json = json.loads(read("json"))
    names = {f["name"] for f in families_json}
    assert names == set(by_name), names ^ set(by_name)
    print(f"{len(from_text)} samples of {len(plain)} families in text, {len(from_strict)} in OpenMetrics, "
          f"{len(families)} families in protobuf and JSON")


def names(folder):
    """Every kept name, label, value, help and number is read back as it was given."""
    import struct
    expected = {}
    with open(f"{folder}/expected", encoding="utf-8", newline="\n") as file:
        for line in file:
            number, *rest = json.loads(line)
            expected.setdefault(number, []).append(rest)
    checked = 0
    for number, entries in expected.items():
        for kind, parse in (("prometheusText", text), ("openMetrics", openmetrics)):
            with open(f"{folder}/{kind}.{number}", encoding="utf-8", newline="") as file:
                families = {f.name: f for f in parse(file.read())}
            for name, help_text, label, value, bits, sort in entries:
                family = families[name]
                found = [s for s in family.samples if s.name == name]
                assert len(found) == 1, (kind, name, len(found))
                # Both parsers strip white space of any kind around a help text.
                if help_text.strip() == help_text:
                    assert family.documentation == help_text, (kind, name, help_text, family.documentation)
                assert found[0].labels == {label: value}, (kind, name, label, value, found[0].labels)
                if sort == "nan":
                    assert math.isnan(found[0].value), (kind, name)
                else:
                    want = struct.unpack("<d", struct.pack("<Q", int(bits, 16)))[0]
                    assert found[0].value == want, (kind, name, want, found[0].value)
                checked += 1
    print(f"{checked} read back")


if __name__ == "__main__":
    {"sample": sample, "names": names}[sys.argv[1]](sys.argv[2])
