// SPDX-License-Identifier: Apache-2.0

/// What the command line asks for.
struct DemoArguments: Equatable {
    static let usage = """
        usage: demo [serve] [FOLDER] [--port PORT]   index FOLDER's text files (default: ./Sources) and serve
               demo health [--port PORT]             ask a running demo how it is: one line, exit code 0 or 1
               demo artifacts DIR [--port PORT]      write alert rules, dashboards and manifests into DIR
          --port PORT  the port on 127.0.0.1, 0 for any free one (default: $PORT, else 8080)
        """

    /// What to do.
    enum Command: Equatable {
        /// Index the folder and serve.
        case serve(folder: String)
        /// Ask a running demo how it is.
        case health
        /// Write the generated files into a folder.
        case artifacts(folder: String)
    }

    /// Words that name a command and so no folder; write `./health` for a folder of that name.
    static let reservedWords = ["serve", "health", "artifacts"]

    private(set) var command = Command.serve(folder: "./Sources")
    private(set) var port: UInt16 = 8080

    /// Reads the arguments after the program's name.
    ///
    /// - Throws: `UsageError` that says what is wrong.
    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        if let text = environment["PORT"] { port = try Self.port(text, from: "the environment variable PORT") }
        var words: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--port" {
                guard let text = rest.popFirst() else { throw UsageError("--port needs a number") }
                port = try Self.port(text, from: "--port")
            } else if argument.hasPrefix("--port=") {
                port = try Self.port(String(argument.dropFirst("--port=".count)), from: "--port")
            } else if argument.hasPrefix("-") {
                throw UsageError("unknown option \"\(argument)\"")
            } else {
                words.append(argument)
            }
        }
        if words.first == "health" {
            command = .health
            words.removeFirst()
            guard words.isEmpty else { throw UsageError("health takes no folder, got \(words[0])") }
            return
        }
        if words.first == "artifacts" {
            words.removeFirst()
            guard words.count == 1 else {
                let got = words.isEmpty ? "none" : words.joined(separator: " ")
                throw UsageError("artifacts takes one folder to write into, got \(got)")
            }
            command = .artifacts(folder: words[0])
            return
        }
        if words.first == "serve" { words.removeFirst() }
        if let word = words.first(where: Self.reservedWords.contains) {
            throw UsageError("\"\(word)\" is a reserved word; write ./\(word) for a folder of that name")
        }
        guard words.count <= 1 else {
            throw UsageError("one folder is expected, got \(words.count): \(words.joined(separator: ", "))")
        }
        if let folder = words.first { command = .serve(folder: folder) }
    }

    private static func port(_ text: String, from source: String) throws(UsageError) -> UInt16 {
        guard let port = UInt16(text) else {
            throw UsageError("\(source) is \"\(text)\"; use a number from 0 to 65535")
        }
        return port
    }
}

/// A command line that cannot be carried out.
struct UsageError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
