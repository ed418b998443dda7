// SPDX-License-Identifier: Apache-2.0

// What the live checks and benchmarks of the endpoint run as a process of its own: HTTPRig SCENE [NUMBER...]

import Foundation

/// Writes a line to standard output at once.
func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

let arguments = Array(CommandLine.arguments.dropFirst())
let numbers = arguments.dropFirst().compactMap { Int($0) }
let count = numbers.first ?? 1_000
let seed = UInt64(bitPattern: Int64(numbers.count > 1 ? numbers[1] : 1))

let isGood: Bool
switch arguments.first {
case "serve": isGood = try ServeScene.run(series: numbers.first ?? 0)
case "fuzz-parser": isGood = ParserFuzzScene.run(count: count, seed: seed)
case "fuzz-server": isGood = try ServerFuzzScene.run(count: count, seed: seed)
case "verdicts": isGood = try VerdictScene.run(count: count, seed: seed)
case "churn": isGood = try ChurnScene.run(count: count)
case "blocked": isGood = try BlockedScene.run(count: count)
case "exhaust": isGood = try ExhaustScene.run()
default:
    let scenes = "serve [SERIES], fuzz-parser|fuzz-server|verdicts COUNT SEED, churn|blocked COUNT, exhaust"
    FileHandle.standardError.write(Data("usage: HTTPRig SCENE: \(scenes)\n".utf8))
    exit(64)
}
exit(isGood ? 0 : 1)
