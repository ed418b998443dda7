// SPDX-License-Identifier: Apache-2.0

// A service reduced to its log: what is done to it (signals, kill -9, full disks, stopped readers) happens outside, and
// what it wrote is checked by another program. `LogProbe load|fuzz|hot OPTION=VALUE...`

import Foundation

do {
    let arguments = try ProbeArguments(CommandLine.arguments.dropFirst())
    switch arguments.command {
    case "load": try ProbeLoad(arguments).run()
    case "fuzz": try ProbeFuzz(arguments).run()
    case "hot": try ProbeHotPath(arguments).run()
    default: throw ProbeError(description: "unknown command \"\(arguments.command)\"; use load, fuzz or hot")
    }
} catch {
    FileHandle.standardError.write(Data("LogProbe: \(error)\n".utf8))
    exit(64)
}
