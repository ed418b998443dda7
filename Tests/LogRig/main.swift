// SPDX-License-Identifier: Apache-2.0

// A service reduced to its log: what is done to it (signals, kill -9, full disks, stopped readers) happens outside, and
// what it wrote is checked by another program. `LogRig load|fuzz|hot OPTION=VALUE...`

import Foundation

do {
    let arguments = try RigArguments(CommandLine.arguments.dropFirst())
    switch arguments.command {
    case "load": try RigLoad(arguments).run()
    case "fuzz": try RigFuzz(arguments).run()
    case "hot": try RigHotPath(arguments).run()
    default: throw RigError(description: "unknown command \"\(arguments.command)\"; use load, fuzz or hot")
    }
} catch {
    FileHandle.standardError.write(Data("LogRig: \(error)\n".utf8))
    exit(64)
}
