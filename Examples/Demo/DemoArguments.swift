// SPDX-License-Identifier: Apache-2.0

/// What the command line asks for.
struct DemoArguments: Equatable {
    static let usage = """
        usage: demo [serve] [FOLDER] [--port PORT]
          FOLDER       the folder whose text files are indexed (default: ./Sources)
          --port PORT  the port on 127.0.0.1, 0 for any free one (default: $PORT, else 8080)
        """

    /// Words that name a command and so no folder; write ./health for a folder of that name.
    static let reservedWords = ["serve", "health", "artifacts"]

    var folder = "./Sources"
    var port: UInt16 = 8080

    /// Reads the arguments after the program's name.
    ///
    /// - Throws: `UsageError` that says what is wrong.
    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        if let text = environment["PORT"] { port = try Self.port(text, from: "the environment variable PORT") }
        var folders: [String] = []
        var rest = arguments[...]
        if rest.first == "serve" { rest.removeFirst() }
        while let argument = rest.popFirst() {
            if argument == "--port" {
                guard let text = rest.popFirst() else { throw UsageError("--port needs a number") }
                port = try Self.port(text, from: "--port")
            } else if argument.hasPrefix("--port=") {
                port = try Self.port(String(argument.dropFirst("--port=".count)), from: "--port")
            } else if argument.hasPrefix("-") {
                throw UsageError("unknown option \"\(argument)\"")
            } else if Self.reservedWords.contains(argument) {
                throw UsageError("\"\(argument)\" is a reserved word; write ./\(argument) for a folder of that name")
            } else {
                folders.append(argument)
            }
        }
        guard folders.count <= 1 else {
            throw UsageError("one folder is expected, got \(folders.count): \(folders.joined(separator: ", "))")
        }
        if let folder = folders.first { self.folder = folder }
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
