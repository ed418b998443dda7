// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension HealthCheck {
    /// Whether a file is there, young enough, of a sensible size and, if asked, valid.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - age: limits for the time since it was modified, in seconds.
    ///   - size: limits for its size, in bytes.
    ///   - bytesMin: fails below this size.
    ///   - validate: looks at the content; throws to fail. At most 16 MiB are read, more is a failure.
    public static func file(
        _ path: String, age: Threshold? = nil, size: Threshold? = nil, bytesMin: UInt64 = 0,
        validate: (@Sendable (Data) throws -> Void)? = nil
    ) -> HealthCheck {
        let ageJudge = age.map { Judge($0, unit: "s") }
        let sizeJudge = size.map { Judge($0, unit: "bytes") }
        let clock = AgeClock()
        return HealthCheck(
            .blocking { context in
                var status = stat()
                guard stat(path, &status) == 0 else { throw SystemError.last("stat \(path)") }
                let modified = Platform.modifiedUnixNanoseconds(status)
                let age = clock.age.withLock { $0.age(modified: modified, now: context.now, unix: context.unix) }
                let bytes = Double(status.st_size)
                var results: [CheckResult] = []
                if let ageJudge {
                    results.append(ageJudge.result(Double(age) / 1e9, subject: "age: ", now: context.now))
                }
                if let sizeJudge { results.append(sizeJudge.result(bytes, subject: "size: ", now: context.now)) }
                if bytes < Double(bytesMin) {
                    results.append(.fail("size: \(Judge.rounded(bytes)) bytes, expected \(bytesMin)", value: bytes))
                }
                if let validate {
                    guard bytes <= Double(fileBytesMax) else {
                        return .fail("the file has more than \(fileBytesMax) bytes and was not validated", value: bytes)
                    }
                    try validate(Data(contentsOf: URL(fileURLWithPath: path)))
                }
                var worst = results.max { $0.status.severity < $1.status.severity } ?? .pass
                worst.details = ["age_seconds": Judge.rounded(Double(age) / 1e9), "bytes": Judge.rounded(bytes)]
                return worst
            })
    }

    /// The largest file that is read for validation, in bytes.
    private static let fileBytesMax = 16 * 1_024 * 1_024

    private final class AgeClock: Sendable {
        let age = Lock(FileAge())
    }
}
