// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@Suite struct ExpositionFormatTests {
    @Test(
        arguments: [
            (nil, .prometheusText), ("", .prometheusText), ("*/*", .prometheusText), ("text/html", .prometheusText),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .openMetrics
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .protobuf
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                .openMetrics
            ),
            ("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2", .prometheusText),
            ("application/openmetrics-text;version=0.0.1", .prometheusText),
            ("application/openmetrics-text", .openMetrics),
            ("application/json", .json), ("APPLICATION/JSON ; q=0.2 , text/plain;q=0.1", .json),
            ("application/json;q=0, text/plain", .prometheusText), ("application/json;q=2", .prometheusText),
            ("application/vnd.google.protobuf;proto=other;encoding=delimited", .prometheusText),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", .prometheusText),
            ("text/plain;q=0.5, application/openmetrics-text; version=\"1.0.0\"; q=0.6", .openMetrics),
            (";;,,=;q=,", .prometheusText),
        ] as [(String?, ExpositionFormat)]) func acceptHeaderChoosesTheFormat(header: String?, format: ExpositionFormat)
    {
        #expect(ExpositionFormat.negotiated(accept: header) == format)
    }

    @Test(arguments: ["allow-utf-8", "underscores", "dots", "values", "", "else"])
    func aSchemeForForeignNamesDoesNotChangeTheFormat(scheme: String) {
        for (type, format) in [
            ("application/openmetrics-text;version=1.0.0", ExpositionFormat.openMetrics),
            ("text/plain;version=0.0.4", .prometheusText),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", .protobuf),
        ] {
            let header = "\(type);escaping=\(scheme);q=0.5,*/*;q=0.1"
            #expect(ExpositionFormat.negotiated(accept: header) == format)
            #expect(!format.contentType.contains("escaping"))
        }
    }

    @Test func contentTypesAreExact() {
        #expect(
            ExpositionFormat.allCases.map(\.contentType) == [
                "text/plain; version=0.0.4; charset=utf-8",
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
                "application/json; charset=utf-8",
            ])
    }

    @Test func familiesAreFilteredByName() throws {
        let metrics = MetricRegistry()
        try metrics.gauge("a", help: "h").set(1)
        try metrics.gauge("b", help: "h") { 2 }
        try metrics.counter("c_total", help: "h").increment()
        let text = metrics.exposition(options: ExpositionOptions(families: ["b", "c_total", "none"]))
        #expect(
            text == """
                # HELP b h
                # TYPE b gauge
                b 2
                # HELP c_total h
                # TYPE c_total counter
                c_total 1

                """)
    }

    @Test func writerIsUsedAgain() throws {
        let metrics = MetricRegistry()
        let gauge = try metrics.gauge("a", help: "h")
        var writer = ExpositionWriter()
        for value in [1, 2] {
            gauge.set(value)
            writer.write(metrics, as: .prometheusText)
            let text = writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            #expect(text == "# HELP a h\n# TYPE a gauge\na \(value)\n")
        }
    }
}
