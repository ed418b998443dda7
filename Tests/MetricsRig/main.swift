// SPDX-License-Identifier: Apache-2.0

// What the live checks of Scripts/live/metrics-*.sh run: writes expositions for independent parsers to read.

import Foundation
import Instrument

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "sample":
    // sample FOLDER: one registry of every kind in all formats, one file each.
    try SampleExposition.write(into: arguments[1])
case "names":
    // names COUNT SEED FOLDER: random names and texts; what is expected of each goes into a file of its own.
    try RandomNames.write(count: Int(arguments[1])!, seed: UInt64(arguments[2])!, into: arguments[3])
case "consistency":
    // consistency SECONDS: four threads observe while another scrapes all formats and compares.
    exit(try ConsistencyRun.run(seconds: Double(arguments[1])!) ? 0 : 1)
case "repeat":
    // repeat KIND COUNT: the same work many times over.
    exit(try RepeatedWork.run(arguments[1], count: Int(arguments[2])!) ? 0 : 64)
default:
    FileHandle.standardError.write(
        Data("usage: sample FOLDER | names COUNT SEED FOLDER | consistency SECONDS | repeat KIND COUNT\n".utf8))
    exit(64)
}
