import KeelBase
import KeelProviders
import Testing

struct ConnectionMeaningTests {
    private static let words = ForeignText("words of the system")
    private static let proxy = HostPort(host: "proxy.example.com", port: 3128)
    private static let failures: [(ConnectionFailure, code: String, Responsible)] = [
        (.nameNotResolved(host: "imap.example.com"), "name_not_resolved", .manifestAuthor),
        (.refused, "connection_refused", .manifestAuthor),
        (.unreachable, "network_unreachable", .operatorHere),
        (.timedOut, "timed_out", .nobody),
        (.closed, "connection_closed", .nobody),
        (.tls(.expired(subject: words, notAfter: Timestamp(seconds: 0))), "certificate_expired", .tenantAdministrator),
        (
            .tls(.notYetValid(subject: words, notBefore: Timestamp(seconds: 0))), "certificate_not_yet_valid",
            .tenantAdministrator
        ),
        (.tls(.untrustedIssuer(issuer: words)), "certificate_untrusted", .operatorHere),
        (
            .tls(.wrongName(expected: "imap.example.com", presented: [ForeignText("a"), ForeignText("b")])),
            "certificate_wrong_name", .manifestAuthor
        ),
        (.tls(.handshake(words)), "tls_handshake", .manifestAuthor),
        (.trustUnusable(path: "ca.pem", words), "trust_unusable", .operatorHere),
        (.proxy(ProxyFailure(.unusable("r"), variable: "V")), "proxy_unusable", .operatorHere),
        (.proxy(ProxyFailure(.unreached(.refused), variable: "V", address: proxy)), "proxy_unreached", .operatorHere),
        (
            .proxy(ProxyFailure(.authenticationWanted, variable: "V", address: proxy)), "proxy_authentication",
            .operatorHere
        ),
        (.proxy(ProxyFailure(.refused(status: 403), variable: "V", address: proxy)), "proxy_refused", .operatorHere),
        (
            .proxy(ProxyFailure(.beyond(.refused), variable: "V", address: proxy)), "proxy_did_not_reach",
            .manifestAuthor
        ),
        (.other(words), "connection_failed", .operatorHere),
    ]

    @Test(arguments: failures)
    func `every failure has a code, a meaning and what was seen`(
        failure: ConnectionFailure, code: String, responsible: Responsible
    ) {
        let meaning = Meaning.of(failure, endpoint: "imap.example.com:993")
        #expect(failure.code == code)
        #expect(meaning.responsible == responsible)
        #expect(!failure.observation.isEmpty)
        expectReadable(meaning)
    }

    @Test func `codes and causes are told apart`() {
        #expect(Set(Self.failures.map(\.code)).count == Self.failures.count)
        let causes = Self.failures.map { Meaning.of($0.0, endpoint: "x:1").cause }
        #expect(Set(causes).count == causes.count)
    }

    @Test func `the meaning names the endpoint, the observation the names of the certificate`() {
        #expect(Meaning.of(.refused, endpoint: "h:9").cause == "nobody listens at h:9")
        let wrongName = ConnectionFailure.tls(
            .wrongName(expected: "h", presented: [ForeignText("a"), ForeignText("b")]))
        #expect(wrongName.observation.text == "asked for h, the certificate is for a, b")
    }

    @Test func `a refusal over SOCKS is shown as it was given`() {
        let failure = ConnectionFailure.proxy(
            ProxyFailure(.replied("2 (not allowed by its rules)"), variable: "V", address: Self.proxy))
        #expect(failure.code == "proxy_refused")
        #expect(failure.observation.text == "the proxy answered 2 (not allowed by its rules)")
    }

    @Test func `what a certificate says is cleaned`() {
        let expired = ConnectionFailure.tls(
            .expired(subject: ForeignText("CN=\u{1B}[2Jx"), notAfter: Timestamp(seconds: 0)))
        #expect(expired.observation.text == "certificate CN=\u{FFFD}[2Jx expired at 1970-01-01T00:00:00Z")
    }
}
