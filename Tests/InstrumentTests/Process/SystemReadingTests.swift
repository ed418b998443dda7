// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Instrument

@Suite struct SystemReadingTests {
    @Test func diskHasRoomForWhatIsUsedAndWhatIsAvailable() throws {
        let disk = try SystemReading.disk(FileManager.default.temporaryDirectory.path)
        #expect(disk.totalBytes > 0)
        #expect(disk.usedBytes + disk.availableBytes <= disk.totalBytes)
    }

    @Test func pathThatDoesNotExistIsNamed() {
        let error = #expect(throws: SystemError.self) { try SystemReading.disk("/no/such/folder") }
        #expect(error?.description == "statvfs /no/such/folder: No such file or directory (errno 2)")
    }

    @Test func residentMemoryIsThePagesOfTheStatusLine() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("proc-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.createDirectory(
            at: root.appendingPathComponent("self"), withIntermediateDirectories: true)
        let error = #expect(throws: SystemError.self) { try SystemReading.residentMemoryBytes(root: root.path) }
        #expect(error?.code == ENOENT)
        try "7 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 3 18 1000 5000000 250 99\n".write(
            to: root.appendingPathComponent("self/stat"), atomically: false, encoding: .utf8)
        #expect(try SystemReading.residentMemoryBytes(root: root.path) == 250 * UInt64(sysconf(Int32(_SC_PAGESIZE))))
    }
}
