// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a session's file says about its agent: lines of `key=value`.
///
/// ```
/// pid=4711
/// command=sleep 600
/// note=reviews the parser
/// ```
struct SessionFile: Equatable, Sendable {
    /// The process that the agent is.
    var pid: Int32
    /// How to start the agent again; empty if that is for others to do.
    var command = ""
    /// What the agent says about itself.
    var note = ""

    /// Makes a description.
    init(pid: Int32, command: String = "", note: String = "") {
        self.pid = pid
        self.command = command
        self.note = note
    }

    /// Reads a file's text; unknown keys are passed over.
    ///
    /// - Throws: `MonitorError` when there is no usable pid.
    init(_ text: String) throws(MonitorError) {
        var values: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let text = values["pid"] else { throw MonitorError("the session has no line pid=NUMBER") }
        guard let pid = Int32(text), pid > 0 else {
            throw MonitorError("the session's pid is \"\(text.prefix(32))\", expected a number above 0")
        }
        self.pid = pid
        command = values["command"].map { String($0) } ?? ""
        note = values["note"].map { String($0) } ?? ""
    }

    /// The text that reads back as this.
    var text: String { "pid=\(pid)\ncommand=\(command)\nnote=\(note)\n" }
}
