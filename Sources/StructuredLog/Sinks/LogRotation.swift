// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// When a log file is set aside by the process itself, and how long the files set aside are kept.
///
/// `app.log` becomes `app.log.20260131T235959Z.1`: the UTC time of the rotation and a number that keeps names apart. A
/// file is never overwritten, and none but those of this form is ever deleted. Compression, and rotation by other
/// programs, is logrotate's: a file that it moved is reopened by itself.
public struct LogRotation: Sendable, Hashable {
    /// A period at whose end a file is set aside.
    public enum Period: Sendable, Hashable {
        /// At each full hour.
        case hourly
        /// At midnight.
        case daily
    }

    /// A file is set aside before a line would make it longer than this; nil for no limit.
    public var bytesMax: Int?
    /// A file is set aside at the end of this period; nil for none.
    public var period: Period?
    /// The zone whose hours and midnights count.
    public var timeZone: TimeZone
    /// Files set aside that are kept at most; nil for no limit.
    public var filesMax: Int?
    /// Files set aside longer ago than this are deleted; nil for no limit.
    public var ageMax: Duration?
    /// Bytes that the files set aside may take together; the oldest go first; nil for no limit.
    public var totalBytesMax: Int?

    /// Describes a rotation; deletions happen right after a rotation and when the file is opened.
    public init(
        bytesMax: Int? = nil, every period: Period? = nil, timeZone: TimeZone = .gmt, filesMax: Int? = nil,
        ageMax: Duration? = nil, totalBytesMax: Int? = nil
    ) {
        precondition(bytesMax ?? 1 > 0, "LogRotation: bytesMax is \(bytesMax ?? 0); use 1 or more")
        precondition(filesMax ?? 1 > 0, "LogRotation: filesMax is \(filesMax ?? 0); use 1 or more")
        self.bytesMax = bytesMax
        self.period = period
        self.timeZone = timeZone
        self.filesMax = filesMax
        self.ageMax = ageMax
        self.totalBytesMax = totalBytesMax
    }

    /// The first instant, in Unix seconds, after `now` at which a period ends; nil when there is none.
    func nextBoundary(after now: Int64) -> Int64? {
        guard let period else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let component: Calendar.Component = period == .hourly ? .hour : .day
        let date = Date(timeIntervalSince1970: Double(now))
        guard let interval = calendar.dateInterval(of: component, for: date) else { return nil }
        return Int64(interval.end.timeIntervalSince1970)
    }

    /// The files that are to be deleted.
    ///
    /// - Parameters:
    ///   - files: the files set aside.
    ///   - now: Unix seconds.
    func expired(_ files: [RotatedFile], now: Int64) -> [RotatedFile] {
        var kept = files.sorted { ($0.unixSeconds, $0.number) > ($1.unixSeconds, $1.number) }
        var gone: [RotatedFile] = []
        if let filesMax, kept.count > filesMax {
            gone += kept[filesMax...]
            kept.removeLast(kept.count - filesMax)
        }
        if let ageMax {
            let oldest = now - ageMax.components.seconds
            gone += kept.filter { $0.unixSeconds < oldest }
            kept.removeAll { $0.unixSeconds < oldest }
        }
        if let totalBytesMax {
            var total = 0
            for file in kept {
                total += file.bytes
                if total > totalBytesMax { gone.append(file) }
            }
        }
        return gone
    }
}

/// A file that was set aside: `name.<UTC>.<number>`.
struct RotatedFile: Equatable {
    var name: String
    var unixSeconds: Int64
    var number: Int
    var bytes: Int

    /// The name of the `number`th file of `base` that is set aside in a second.
    static func name(of base: String, unixSeconds: Int64, number: Int) -> String {
        let date = CivilDate(unixSeconds: unixSeconds)
        func padded(_ value: Int, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let day = padded(date.year, 4) + padded(date.month) + padded(date.day)
        return "\(base).\(day)T\(padded(date.hour))\(padded(date.minute))\(padded(date.second))Z.\(number)"
    }

    /// Reads a name; nil for one of another form, such as logrotate's.
    init?(name: String, base: String, bytes: Int) {
        guard name.hasPrefix(base + ".") else { return nil }
        let parts = name.dropFirst(base.count + 1).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), number > 0 else { return nil }
        let stamp = Array(parts[0].utf8)
        guard stamp.count == 16, stamp[8] == UInt8(ascii: "T"), stamp[15] == UInt8(ascii: "Z") else { return nil }
        func digits(_ range: Range<Int>) -> Int? {
            Int(String(decoding: stamp[range], as: UTF8.self))
        }
        guard let year = digits(0..<4), let month = digits(4..<6), let day = digits(6..<8), let hour = digits(9..<11),
            let minute = digits(11..<13), let second = digits(13..<15)
        else { return nil }
        var calendar = tm()
        calendar.tm_year = Int32(year - 1_900)
        calendar.tm_mon = Int32(month - 1)
        calendar.tm_mday = Int32(day)
        calendar.tm_hour = Int32(hour)
        calendar.tm_min = Int32(minute)
        calendar.tm_sec = Int32(second)
        unixSeconds = Int64(timegm(&calendar))
        guard Self.name(of: base, unixSeconds: unixSeconds, number: number) == name else { return nil }
        self.name = name
        self.number = number
        self.bytes = bytes
    }
}
