// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Demo

@Suite struct DemoArgumentsTests {
    @Test(
        arguments: [
            ([], [:], "./Sources", 8080),
            (["serve"], [:], "./Sources", 8080),
            (["docs"], [:], "docs", 8080),
            (["serve", "docs", "--port", "0"], [:], "docs", 0),
            (["--port=9000"], [:], "./Sources", 9000),
            ([], ["PORT": "7070"], "./Sources", 7070),
            (["--port", "1"], ["PORT": "7070"], "./Sources", 1),
            (["./health"], [:], "./health", 8080),
        ] as [([String], [String: String], String, UInt16)])
    func argumentsAreRead(arguments: [String], environment: [String: String], folder: String, port: UInt16) throws {
        let read = try DemoArguments(arguments, environment: environment)
        #expect(read.command == .serve(folder: folder))
        #expect(read.port == port)
    }

    @Test func healthAsksARunningDemo() throws {
        let read = try DemoArguments(["health", "--port", "9000"], environment: [:])
        #expect(read.command == .health)
        #expect(read.port == 9000)
    }

    @Test func artifactsTakesTheFolderToWriteInto() throws {
        let read = try DemoArguments(["artifacts", "out", "--port", "9000"], environment: [:])
        #expect(read.command == .artifacts(folder: "out"))
        #expect(read.port == 9000)
    }

    @Test(arguments: [
        (["--verbose"], #"unknown option "--verbose""#),
        (["--port"], "--port needs a number"),
        (["--port", "65536"], #"--port is "65536"; use a number from 0 to 65535"#),
        (["--port=web"], #"--port is "web"; use a number from 0 to 65535"#),
        (["a", "b"], "one folder is expected, got 2: a, b"),
        (["health", "docs"], "health takes no folder, got docs"),
        (["serve", "health"], #""health" is a reserved word; write ./health for a folder of that name"#),
        (["serve", "artifacts"], #""artifacts" is a reserved word; write ./artifacts for a folder of that name"#),
        (["artifacts"], "artifacts takes one folder to write into, got none"),
        (["artifacts", "a", "b"], "artifacts takes one folder to write into, got a b"),
    ])
    func mistakesAreNamed(arguments: [String], message: String) {
        #expect(throws: UsageError(message)) { try DemoArguments(arguments, environment: [:]) }
    }

    @Test func aBadPortInTheEnvironmentIsNamed() {
        #expect(throws: UsageError(#"the environment variable PORT is "eighty"; use a number from 0 to 65535"#)) {
            try DemoArguments([], environment: ["PORT": "eighty"])
        }
    }
}
