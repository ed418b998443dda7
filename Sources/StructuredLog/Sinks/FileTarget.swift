// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A file that is appended to, set aside by the rules of a rotation, and reopened when another program moved it.
///
/// The file holds whole lines at any moment that this object can help: a line of which only a part fitted is taken back
/// (or, if others write to the file too, ended by a newline) and written again as a whole.
///
/// `@unchecked Sendable`: like every target, used by one thread at a time.
final class FileTarget: ByteTarget, @unchecked Sendable {
    /// How often the path is compared with the open file.
    private static let checkNanoseconds: UInt64 = 1_000_000_000

    let path: String
    private let rotation: LogRotation?
    private let time: TimeSource
    private var file: Descriptor?
    private var identity = FileIdentity(device: 0, inode: 0)
    /// The file's size as far as this object knows; other writers are noticed at the next check.
    private var bytes = 0
    /// How much of an unfinished line stands at the end.
    private var unfinishedBytes = 0
    private var needsResync = false
    private var nextCheck: UInt64 = 0
    private var nextBoundary: Int64?
    private var nextRotation: UInt64 = 0
    private var lastAside = (seconds: Int64.min, number: 0)
    /// Set while a reopen or rotation failed; the old file is written on.
    private(set) var failures: UInt64 = 0
    private(set) var rotations: UInt64 = 0
    private(set) var reopenings: UInt64 = 0

    /// Opens or creates the file, mode 0644.
    init(_ path: String, rotation: LogRotation?, time: TimeSource) throws(LogError) {
        self.path = path
        self.rotation = rotation
        self.time = time
        super.init()
        do {
            try open()
        } catch {
            throw LogError(
                .fileUnavailable, "log file \"\(path)\": \(error); make its folder writable or choose another path")
        }
        expire()
    }

    override var counts: TargetCounts { TargetCounts(rotations: rotations, reopenings: reopenings, failures: failures) }

    override func write(_ lines: UnsafeRawBufferPointer, continuesLine: Bool) -> WriteAttempt {
        if !continuesLine {
            unfinishedBytes = 0
            let now = time.monotonicNanoseconds()
            if now >= nextCheck { checkPath(now) }
            if mustRotate(before: lines) { rotate(now) }
        }
        if needsResync {
            var newline = UInt8(ascii: "\n")
            let attempt = withUnsafeBytes(of: &newline) { append($0) }
            guard attempt.taken == 1 else { return attempt }
            needsResync = false
        }
        let attempt = append(continuesLine ? lines : fitting(lines))
        note(attempt.taken, lines)
        guard case .later = attempt.failure, unfinishedBytes > 0 else { return attempt }
        takeBackUnfinishedLine()
        return WriteAttempt(taken: attempt.taken, failure: attempt.failure, restartsLine: true)
    }

    override func abandonLine() { if unfinishedBytes > 0 { takeBackUnfinishedLine() } }

    override func close() { file = nil }

    /// Compares the path with the open file now.
    override func reopenIfMoved() { checkPath(time.monotonicNanoseconds()) }

    // MARK: Writing

    private func append(_ piece: UnsafeRawBufferPointer) -> WriteAttempt {
        guard let number = file?.number else { return WriteAttempt(taken: 0, failure: .later(EBADF)) }
        let taken = Foundation.write(number, piece.baseAddress, piece.count)
        if taken >= 0 {
            bytes += taken
            // A short write has filled the disk; the next attempt tells why.
            return WriteAttempt(taken: taken, failure: nil)
        }
        let code = errno
        // A file may come back where a pipe may not: nothing is final here.
        return WriteAttempt(taken: 0, failure: code == EINTR || code == EAGAIN ? .busy : .later(code))
    }

    private func note(_ taken: Int, _ lines: UnsafeRawBufferPointer) {
        var position = taken
        while position > 0, lines[position - 1] != UInt8(ascii: "\n") { position -= 1 }
        unfinishedBytes = position > 0 ? taken - position : unfinishedBytes + taken
    }

    /// Cuts the unfinished line off, if nobody else has written behind it; else it is ended by a newline.
    private func takeBackUnfinishedLine() {
        guard let number = file?.number else { return }
        var status = stat()
        if fstat(number, &status) == 0, Int(status.st_size) == bytes, bytes >= unfinishedBytes,
            ftruncate(number, off_t(bytes - unfinishedBytes)) == 0
        {
            bytes -= unfinishedBytes
        } else {
            needsResync = true
        }
        unfinishedBytes = 0
    }

    /// The whole lines at the start of `lines` that the file still takes; at least one.
    private func fitting(_ lines: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let bytesMax = rotation?.bytesMax, bytes + lines.count > bytesMax else { return lines }
        var end = min(max(bytesMax - bytes, 0), lines.count)
        while end > 0, lines[end - 1] != UInt8(ascii: "\n") { end -= 1 }
        if end == 0 { end = (lines.firstIndex(of: UInt8(ascii: "\n")) ?? lines.count - 1) + 1 }
        return UnsafeRawBufferPointer(rebasing: lines[..<end])
    }

    // MARK: Opening

    private func open() throws(SystemError) {
        let opened = try Descriptor.open(path, flags: O_WRONLY | O_APPEND | O_CREAT, mode: 0o644)
        var status = stat()
        guard fstat(opened.number, &status) == 0 else { throw .last("fstat \(path)") }
        identity = FileIdentity(status)
        bytes = Int(status.st_size)
        unfinishedBytes = 0
        needsResync = bytes > 0 && status.st_mode & S_IFMT == S_IFREG && !endsWithNewline()
        file = consume opened
        nextCheck = time.monotonicNanoseconds() &+ Self.checkNanoseconds
        nextBoundary = rotation?.nextBoundary(after: startOfFile(status))
    }

    /// A file that is taken up again belongs to the period in which it was last written.
    private func startOfFile(_ status: stat) -> Int64 {
        bytes > 0 ? FileIdentity.modified(status) : time.unixNanoseconds() / 1_000_000_000
    }

    /// Whether the file's last line is whole: a process that was killed may have left a part of one.
    private func endsWithNewline() -> Bool {
        guard let reader = try? Descriptor.open(path, flags: O_RDONLY) else { return false }
        var last: UInt8 = 0
        return pread(reader.number, &last, 1, off_t(bytes - 1)) == 1 && last == UInt8(ascii: "\n")
    }

    private func checkPath(_ now: UInt64) {
        nextCheck = now &+ Self.checkNanoseconds
        var status = stat()
        if stat(path, &status) == 0, FileIdentity(status) == identity {
            // Another program may have cut it (copytruncate) or written to it.
            bytes = Int(status.st_size)
            return
        }
        do {
            try open()
            reopenings += 1
        } catch {
            failures += 1
        }
    }

    // MARK: Rotation

    private func mustRotate(before lines: UnsafeRawBufferPointer) -> Bool {
        guard let rotation, bytes > 0 else { return false }
        if let nextBoundary, time.unixNanoseconds() / 1_000_000_000 >= nextBoundary { return true }
        guard let bytesMax = rotation.bytesMax, bytes + lines.count > bytesMax else { return false }
        let first = (lines.firstIndex(of: UInt8(ascii: "\n")) ?? lines.count - 1) + 1
        return bytes + first > bytesMax
    }

    private func rotate(_ now: UInt64) {
        guard now >= nextRotation else { return }
        let seconds = time.unixNanoseconds() / 1_000_000_000
        do {
            try setAside(seconds)
            try open()
            rotations += 1
        } catch {
            // The old file is written on, whatever its size: lines before limits. Tried again in a second.
            failures += 1
            nextRotation = now &+ Self.checkNanoseconds
        }
        expire()
    }

    /// Gives the file its new name; a link never replaces a file that has the name already.
    private func setAside(_ seconds: Int64) throws(SystemError) {
        // Numbers go on within a second, also when the first files of that second have been deleted again.
        let first = lastAside.seconds == seconds ? lastAside.number + 1 : 1
        for number in first..<first + 9_999 {
            let name = RotatedFile.name(of: path, unixSeconds: seconds, number: number)
            if link(path, name) == 0 {
                guard unlink(path) == 0 || errno == ENOENT else { throw .last("unlink \(path)") }
                lastAside = (seconds, number)
                return
            }
            switch errno {
            case EEXIST: continue
            case ENOENT: return
            case EPERM, ENOTSUP, EMLINK, ENOSYS:
                // A file system without links: look, then rename.
                if access(name, F_OK) == 0 { continue }
                guard rename(path, name) == 0 else { throw .last("rename \(path)") }
                lastAside = (seconds, number)
                return
            default: throw .last("link \(path)")
            }
        }
        throw SystemError(code: EEXIST, operation: "link \(path)")
    }

    private func expire() {
        guard let rotation else { return }
        let folder = (path as NSString).deletingLastPathComponent
        let base = (path as NSString).lastPathComponent
        let directory = folder.isEmpty ? "." : folder
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            failures += 1
            return
        }
        let files = names.compactMap { name -> RotatedFile? in
            var status = stat()
            guard name.hasPrefix(base + "."), lstat("\(directory)/\(name)", &status) == 0 else { return nil }
            return RotatedFile(name: name, base: base, bytes: Int(status.st_size))
        }
        for file in rotation.expired(files, now: time.unixNanoseconds() / 1_000_000_000) {
            if unlink("\(directory)/\(file.name)") != 0, errno != ENOENT { failures += 1 }
        }
    }
}

/// Which file it is, whatever its name.
struct FileIdentity: Equatable {
    var device: UInt64
    var inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// When it was last written to, in Unix seconds.
    static func modified(_ status: stat) -> Int64 { Platform.modifiedUnixNanoseconds(status) / 1_000_000_000 }
}
