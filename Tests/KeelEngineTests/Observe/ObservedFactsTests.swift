import KeelBase
import KeelEngine
import Testing

struct ObservedFactsTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private static func certificate(
        _ subject: String = "CN=mail.example.com", issuer: String = "CN=Example Authority", days: Int64 = 60,
        key: String = "a2V5"
    ) -> CertificateFacts {
        CertificateFacts(
            subject: ForeignText(subject), issuer: ForeignText(issuer), notBefore: now.adding(seconds: -86_400),
            notAfter: now.adding(seconds: days * 86_400), keyHash: key)
    }

    private static func tls(
        _ version: TLSFacts.Version = .tls13, _ chain: CertificateFacts...
    ) -> ObservedFacts {
        ObservedFacts(tls: TLSFacts(version: version, chain: chain, endPoint: [1, 2]))
    }

    private static func offer(_ capabilities: [String], _ mechanisms: [String] = []) -> ObservedFacts {
        ObservedFacts(offer: .init(capabilities: capabilities, mechanisms: mechanisms))
    }

    @Test(arguments: [
        (["AUTH=PLAIN", "IDLE"], ["PLAIN"], ["IDLE"], [], ["AUTH=PLAIN is gone"]),
        (["SASL PLAIN"], ["PLAIN"], ["SASL PLAIN XOAUTH2"], ["PLAIN", "XOAUTH2"], ["AUTH=XOAUTH2 is new"]),
        (["SIZE 100", "AUTH PLAIN"], [], ["SIZE 200", "AUTH LOGIN"], [], ["SIZE 200, which was SIZE 100"]),
        (["IDLE", "idle"], [], ["idle"], [], []),
        (["UIDPLUS", "IDLE"], [], ["IDLE", "MOVE"], [], ["UIDPLUS is gone", "MOVE is new"]),
        (["IDLE", "MOVE"], ["PLAIN", "LOGIN"], ["MOVE", "IDLE"], ["LOGIN", "PLAIN"], []),
    ])
    func `an offer that changed is named by what changed`(
        before: [String], by old: [String], after: [String], now new: [String], words: [String]
    ) {
        #expect(Self.offer(after, new).changes(from: Self.offer(before, old)).map(\.words) == words)
    }

    @Test func `what was not observed did not change`() {
        let both = ObservedFacts(offer: Self.offer(["IDLE"]).offer, tls: Self.tls(.tls13, Self.certificate()).tls)
        #expect(both.changes(from: ObservedFacts()).isEmpty)
        #expect(ObservedFacts().changes(from: both).isEmpty)
    }

    @Test func `a certificate that was renewed says until when`() throws {
        let old = Self.tls(.tls13, Self.certificate())
        let new = Self.tls(.tls13, Self.certificate(days: 90, key: "bmV3"))
        let change = try #require(new.changes(from: old).first)
        #expect(change.kind == .certificateRenewed)
        #expect(change.words == "certificate renewed with a new key, now until 2027-04-15T08:00:00Z")
        let same = Self.tls(.tls13, Self.certificate(days: 90))
        #expect(same.changes(from: old).first?.words.contains("the same key") == true)
    }

    @Test func `another authority is more than a renewal`() throws {
        let old = Self.tls(.tls13, Self.certificate())
        let new = Self.tls(.tls13, Self.certificate(issuer: "CN=Other", key: "bmV3"))
        let change = try #require(new.changes(from: old).first)
        #expect(change.kind == .certificateReplaced)
        #expect(change.words.contains("issued by CN=Other, which was CN=Example Authority"))
    }

    @Test func `version and chain are compared as well`() {
        let authority = Self.certificate("CN=Example Authority", key: "Y2E=")
        let other = Self.certificate("CN=Example Authority", key: "Y2Ey")
        let old = Self.tls(.tls13, Self.certificate(), authority)
        #expect(Self.tls(.tls12, Self.certificate(), authority).changes(from: old).map(\.kind) == [.tlsVersion])
        #expect(Self.tls(.tls13, Self.certificate(), other).changes(from: old).map(\.kind) == [.chainChanged])
        #expect(Self.tls(.tls13, Self.certificate(), authority).changes(from: old).isEmpty)
    }

    @Test func `what is kept is read again as it was`() throws {
        let facts = try #require(Self.tls(.tls12, Self.certificate(), Self.certificate("CN=Root")).tls)
        let again = try #require(TLSFacts(try JSON(parsing: facts.json.bytes())))
        #expect(again.chain == facts.chain)
        #expect(again.version == .tls12)
        let offer = ObservedFacts.Offer(capabilities: ["IDLE"], mechanisms: ["PLAIN"])
        #expect(ObservedFacts.Offer(try JSON(parsing: offer.json.bytes())) == offer)
        #expect(TLSFacts(.object([])) == nil)
        #expect(ObservedFacts.Offer("no") == nil)
    }

    @Test(arguments: [(15, nil), (14, "CN=mail.example.com"), (-1, "CN=mail.example.com")] as [(Int64, String?)])
    func `a certificate that ends within two weeks is named`(days: Int64, subject: String?) {
        let facts = Self.tls(.tls13, Self.certificate(days: days), Self.certificate("CN=Root", days: 400))
        #expect(facts.endingCertificate(at: Self.now)?.subject.text == subject)
    }
}
