import KeelBase
import Testing

struct VocabularyTests {
    @Test(arguments: GrantType.allCases)
    func `a grant needs a person or is a cache, but never both`(grant: GrantType) {
        #expect(!(grant.needsPerson && grant.isCache))
    }

    @Test func `everybody who may have to act has a phrase of their own`() {
        #expect(Set(Responsible.allCases.map(\.phrase)).count == Responsible.allCases.count)
        #expect(Set(Responsible.allCases.map(\.rawValue)).count == Responsible.allCases.count)
    }

    @Test func `headers are found whatever their case`() {
        let response = HTTPResponse(status: 200, headers: [("Content-Type", "a"), ("content-type", "b")])
        #expect(response.header("CONTENT-TYPE") == "a" && response.header("Retry-After") == nil)
        #expect(IncomingRequest(method: "GET", path: "/", headers: [("HOST", "x")]).header("host") == "x")
    }

    @Test func `the machine's clock is a time of this age`() throws {
        #expect(SystemTimeSource().now > (try #require(Timestamp(parsing: "2025-01-01"))))
    }
}
