// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import TestSupport
import Testing

@testable import InstrumentHTTP

/// Texts that are code in YAML, PromQL or Prometheus' templates stand for themselves, or for what their writer meant.
@Suite struct ArtifactTextTests {
    static let scalars = [
        ("plain", "plain"), ("a b-c_d/e.f (g)", "a b-c_d/e.f (g)"), ("", "''"), ("10", "'10'"), ("1.5", "'1.5'"),
        ("yes", "'yes'"), ("NO", "'NO'"), ("null", "'null'"), ("~", "'~'"), ("0x1F", "'0x1F'"), ("- a", "'- a'"),
        ("a: b", "'a: b'"), ("a #b", "'a #b'"), ("it's", "'it''s'"), ("'\u{301}", "'''\u{301}'"),
        (#"say "a""#, #"'say "a"'"#),
        (#"back\slash"#, #"'back\slash'"#), ("{{ $value }}", "'{{ $value }}'"), ("a\nb", #""a\nb""#),
        ("a\r\n\t\"\\", #""a\r\n\t\"\\""#), ("\u{0}\u{85}\u{2028}", #""\U00000000\U00000085\U00002028""#),
        ("größer 😀", "'größer 😀'"), (" a", "' a'"), ("a ", "'a '"), ("*a", "'*a'"), ("&a", "'&a'"), ("!a", "'!a'"),
        ("%a", "'%a'"), ("@a", "'@a'"), ("`a", "'`a'"), ("2026-11-21", "'2026-11-21'"), ("\u{FEFF}", #""\U0000FEFF""#),
    ]

    @Test(arguments: scalars) func textsInYAMLStandForThemselves(_ text: String, _ scalar: String) {
        #expect(YAML.quoted(text) == scalar)
    }

    @Test func yamlIsWrittenInBlocks() {
        let document = YAML.map([
            .init("a key", .list([])), .init("b", .map([])), .init("1", .flag(true)),
            .init(
                "list",
                .list([
                    .list([.number(-1), .text("x")]),
                    .map([.init("k", .list([.text("v")])), .init("l", .map([.init("m", .flag(false))]))]),
                ])),
        ])
        #expect(
            document.document(comment: "one\ntwo") == """
                # one
                # two
                a key: []
                b: {}
                '1': true
                list:
                  - - -1
                    - x
                  - k:
                      - v
                    l:
                      m: false

                """)
    }

    @Test(.enabled(if: PrometheusTool.exists("python3"), "no python3"))
    func anotherParserReadsTheSameTexts() async throws {
        let texts = Self.scalars.map(\.0)
        let yaml = YAML.map([.init("texts", .list(texts.map(YAML.text))), .init("key: #\n'\"", .text("value"))])
        let script = """
            import json, sys
            try:
                import yaml
            except ImportError:
                print("null"); sys.exit()
            print(json.dumps(yaml.safe_load(open("hostile.yml", encoding="utf-8"))))
            """
        let (code, output) = try await PrometheusTool.run(
            "python3", ["-c", script],
            on: [ArtifactFile(name: "hostile.yml", mediaType: .yaml, text: yaml.document())])
        #expect(code == 0, "\(output)")
        struct Document: Decodable {
            let texts: [String]
        }
        // Without PyYAML there is nothing to compare with; the literals above hold anyway.
        guard let document = try JSONDecoder().decode(Document?.self, from: Data(output.utf8)) else { return }
        #expect(document.texts.map { Array($0.unicodeScalars) } == texts.map { Array($0.unicodeScalars) })
    }

    @Test func whatIsCodeIsFoundUnderACombiningMark() {
        #expect(PromQLText.escapedForRegularExpression("a.(\u{301}b") == "a\\.\\(\u{301}b")
    }

    @Test func numbersAndDurationsAreWrittenAsPromQLReadsThem() {
        let numbers: [(Double, String)] = [
            (0, "0"), (10_737_418_240, "10737418240"), (0.05, "0.05"), (-2.5, "-2.5"), (1e15, "1000000000000000"),
            (1e16, "1e+16"), (1e-9, "1e-09"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ]
        for (number, text) in numbers { #expect(PromQLText.number(number) == text) }
        let durations: [(Duration, String)] = [
            (.zero, "0s"), (.seconds(300), "5m"), (.seconds(5_400), "1h30m"), (.milliseconds(1_250), "1s250ms"),
            (.seconds(86_400 * 3), "3d"), (.seconds(-5), "0s"), (.microseconds(1), "0s"),
        ]
        for (duration, text) in durations { #expect(PromQLText.duration(duration) == text) }
        #expect(
            PromQLText.windows(in: "x[5m] + y[1h30m:250ms] offset 2d") == [
                .seconds(300), .seconds(5_400), .milliseconds(250), .seconds(172_800),
            ])
        #expect(PromQLText.windows(in: "y[9999999999999y]") == [.seconds(315_360_000)])
    }

    @Test(arguments: [
        (1.5e-13, "0.00000000000015"), (-2e-5, "-0.00002"), (1e16, "10000000000000000"), (0.25, "0.25"),
    ]) func samplesHaveNoExponent(_ value: Double, _ text: String) {
        #expect(TrialSeries.decimal(value) == text)
    }

    @Test func aStateSetsLabelHasNoColon() throws {
        enum State: CaseIterable { case on }
        let metrics = MetricRegistry()
        _ = try metrics.stateSet("app:mode", help: "Mode.", of: State.self)
        var artifacts = ServiceArtifacts(job: "a", metrics: [metrics])
        artifacts.alert("On", when: .value("app:mode") == 1, summary: "a")
        let files = try artifacts.files()
        #expect(files[1].text.contains(#"app:mode{app_mode="on",instance="instance-1",job="a"}"#))
        #expect(files.contains { $0.text.contains("{{instance}} {{app_mode}}") })
    }

    /// A selector as it was written, and as it is put into expressions.
    @Test(arguments: [
        ("up", "up"), (" up { } ", "up"), ("a:b_1", "a:b_1"), (#"x{a='b',c!="d",}"#, #"x{a="b",c!="d"}"#),
        (#"x{a=~"b|c" , d!~'e\\.f'}"#, #"x{a=~"b|c",d!~"e\\.f"}"#),
        (#"x{a="\"\\\n'"}"#, #"x{a="\"\\\n'"}"#), (#"x{a="größer 😀 }{"}"#, #"x{a="größer 😀 }{"}"#),
    ]) func selectorsAreRead(_ written: String, _ text: String) {
        let selector = MetricSelector(parsing: written)
        #expect(selector.problem == nil)
        #expect(selector.text() == text)
    }

    @Test(arguments: [
        ("", #"has no metric's name at its end; use name{label="value"}"#),
        ("1x", #"has no metric's name at "1x"; use name{label="value"}"#),
        ("x{a}", #"expected =, !=, =~ or !~ at "}""#),
        ("x{a=b}", #"expected a string in quotes at "b}""#), (#"x{a="b" c="d"}"#, #"expected , or } at "c="d"}""#),
        (#"x{="b"}"#, #"has no label's name at "="b"}""#),
        (#"x{a="\x"}"#, #"has an escape other than \n \r \t \\ \" \' in a string"#),
        ("x{", "has no label's name at its end"), ("größe", #"has more text at "öße"; use name{label="value"}"#),
    ]) func wrongSelectorsAreTold(_ written: String, _ problem: String) {
        #expect(MetricSelector(parsing: written).problem == "selector \"\(written)\": \(problem)")
    }

    @Test func labelValuesOfAnyKindReachExpressionsAndTestsUnchanged() async throws {
        let value = "a\"b\\c\nd{{e}}'f"
        var artifacts = try ArtifactFilesTests.small {
            $0.alert(
                "Odd", when: .value(MetricSelector("queue_length", ["queue": value])) > 1,
                summary: #"{{ $labels.queue | reReplaceAll "\\\\" "/" }} of {{ printf "%q" $labels.job }}"#,
                description: "{{ if gt $value 2.0 }}much: # not a comment{{ else }}some{{ end }}\n- 'it' is \"so\"")
        }
        artifacts.automatic.isOn = false
        let files = try artifacts.files()
        #expect(
            files[0].text.contains(
                #"""
                        expr: 'queue_length{queue="a\"b\\c\nd{{e}}''f"} > 1'
                """#))
        #expect(
            files[0].text.contains(
                #"""
                          summary: '{{ $labels.queue | reReplaceAll "\\\\" "/" }} of {{ printf "%q" $labels.job }}'
                          description: "{{ if gt $value 2.0 }}much: # not a comment{{ else }}some{{ end }}\n- 'it' is \"so\""
                """#))
        guard PrometheusTool.exists("promtool") else { return }
        for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]] {
            let (code, output) = try await PrometheusTool.run("promtool", arguments, on: files)
            #expect(code == 0, "\(output)")
        }
    }
}
