// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Instrument

@Suite struct DescriptorTests {
    @Test func aDescriptorIsClosedWithItsOwner() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = Descriptor(owning: ends[0])
        do {
            let writer = Descriptor(owning: ends[1])
            #expect(writer.number == ends[1])
        }
        // End of file: nobody holds the writing end any more.
        var byte: UInt8 = 0
        #expect(read(reader.number, &byte, 1) == 0)
    }

    @Test func openedFilesAreCloseOnExec() throws {
        let descriptor = try Descriptor.open("/dev/null", flags: O_RDONLY)
        #expect(fcntl(descriptor.number, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
    }

    @Test func aMissingFileIsAClearError() {
        do throws(SystemError) {
            _ = try Descriptor.open("/does/not/exist", flags: O_RDONLY)
            Issue.record("opened a file that does not exist")
        } catch {
            #expect(error.code == ENOENT)
            #expect(error.description == "open /does/not/exist: No such file or directory (errno 2)")
        }
    }

    @Test func aWokenPipeIsReadableUntilItIsDrained() throws {
        let pipe = try WakePipe()
        pipe.wake()
        pipe.wake()
        var entry = pollfd(fd: pipe.reader.number, events: Int16(POLLIN), revents: 0)
        #expect(poll(&entry, 1, 0) == 1)
        pipe.drain()
        #expect(poll(&entry, 1, 0) == 0)
    }
}
