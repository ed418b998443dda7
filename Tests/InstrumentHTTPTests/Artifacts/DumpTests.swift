import Foundation
import Testing
@testable import InstrumentHTTP
@Suite struct DumpTests {
    @Test func dump() throws {
        let service = try SampleService()
        var artifacts = service.artifacts
        try artifacts.write(to: "/tmp/art/auto")
        AlertRuleTests.declareEverything(&artifacts)
        try artifacts.write(to: "/tmp/art/all")
    }
}
