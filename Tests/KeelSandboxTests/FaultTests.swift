import FoundationEssentials
import KeelBase
import KeelNet
import KeelSandbox
import KeelTestSupport
import Testing

@Suite struct `Faults to order` {
    @Test func `are found by the names in their table`() {
        for fault in SandboxFault.allCases {
            #expect(SandboxFault(rawValue: fault.rawValue) == fault)
            #expect(!fault.summary.isEmpty)
            #expect(SandboxFault.table.contains("| \(fault.summary) |\n"))
            #expect(SandboxFault.table.contains("\n| `\(fault.rawValue)` |"))
        }
    }

    @Test func `stand in the documentation as they are`() throws {
        let path = "\(#filePath)".replacing("Tests/KeelSandboxTests/FaultTests.swift", with: "docs/sandbox.md")
        let page = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        #expect(page.contains("\n\n" + SandboxFault.table + "\n"))
    }

    @Test func `nobody listens for tokens`() async throws {
        try await withSandbox(.tokenConnectionRefused) { rig in
            await #expect(throws: ConnectionFailure.refused) { _ = try await rig.get("/token") }
            #expect(rig.files.text("/project/profile.yaml")?.contains("\(rig.sandbox.providerEndpoint)") == true)
            let greeting = try await rig.imap().line()
            #expect(greeting?.hasPrefix("* OK ") == true)
        }
    }

    @Test func `the token endpoint is unavailable`() async throws {
        try await withSandbox(.tokenUnavailable) { rig in
            let response = try await rig.post("/token", "grant_type=client_credentials")
            #expect(response.status == 503)
            #expect(response.header("Retry-After") == "7")
            #expect(try await rig.get("/.well-known/oauth-authorization-server").status == 200)
        }
    }

    @Test func `the token endpoint answers with a page`() async throws {
        try await withSandbox(.tokenHTML) { rig in
            let response = try await rig.post("/token", "grant_type=client_credentials")
            #expect(response.header("Content-Type") == "text/html; charset=utf-8")
            #expect(response.body.revealText().hasPrefix("<!DOCTYPE html>"))
        }
    }

    @Test func `the token endpoint is slow, and stops with the sandbox`() async throws {
        try await withSandbox(.tokenSlow) { rig in
            let request = HTTPRequest(
                .post, try EndpointURL(parsing: "https://\(rig.sandbox.providerEndpoint)/token"),
                body: Secret(copying: "grant_type=client_credentials"))
            await #expect(throws: ConnectionFailure.timedOut) {
                _ = try await rig.transport.send(request, trust: rig.trust, timeout: .milliseconds(200))
            }
        }
        try await withSandbox(configure: { $0.faults = [FaultOrder(.tokenSlow, value: "1")] }) { rig in
            let response = try await rig.post("/token", "grant_type=client_credentials")
            #expect(response.status == 200)
        }
    }

    @Test func `the connection ends before and after the work`() async throws {
        try await withSandbox { rig in
            for (order, issued) in [("token-lost:1", 0), ("token-dropped:1", 1)] {
                try rig.sandbox.order(FaultOrder(parsing: order))
                await #expect(throws: ConnectionFailure.closed) {
                    _ = try await rig.post("/token", "grant_type=client_credentials")
                }
                #expect(rig.sandbox.counts["token_issued", default: 0] == issued)
            }
            #expect(try await rig.post("/token", "grant_type=client_credentials").status == 200)
            #expect(rig.sandbox.counts["fault client_credentials"] == 2)
        }
    }

    @Test func `the answer comes byte by byte`() async throws {
        try await withSandbox(configure: { $0.faults = [FaultOrder(.tokenTrickle, value: "3600000")] }) {
            rig in
            let request = HTTPRequest(
                .get, try EndpointURL(parsing: "https://\(rig.sandbox.providerEndpoint)/token"))
            let other = try await rig.transport.send(request, trust: rig.trust, timeout: .seconds(20))
            #expect(other.status == 405)
            let post = HTTPRequest(
                .post, request.url, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Secret(copying: "grant_type=client_credentials"))
            await #expect(throws: ConnectionFailure.timedOut) {
                _ = try await rig.transport.send(post, trust: rig.trust, timeout: .milliseconds(200))
            }
            rig.sandbox.calm()
            #expect(try await rig.post("/token", "grant_type=client_credentials").status == 200)
        }
    }

    @Test func `who follows a redirect is seen`() async throws {
        try await withSandbox(.tokenRedirect) { rig in
            let response = try await rig.post("/token", "grant_type=client_credentials")
            #expect(response.status == 307)
            #expect(rig.sandbox.counts["redirect_followed"] == nil)
            let target = try EndpointURL(parsing: try #require(response.header("Location")))
            _ = try await rig.transport.send(HTTPRequest(.post, target), trust: rig.trust, timeout: .seconds(20))
            #expect(rig.sandbox.counts["redirect_followed"] == 1)
            rig.sandbox.calm()
            #expect(try await rig.post("/token", "grant_type=client_credentials").status == 200)
            #expect(throws: FaultOrderFailure.onlyAtStart(.mailCertificateExpired)) {
                try rig.sandbox.order(FaultOrder(.mailCertificateExpired))
            }
        }
    }

    @Test(arguments: Flaw.allCases)
    func `the provider's certificate is wrong`(flaw: Flaw) async throws {
        guard let fault = flaw.ofProvider else { return }
        try await withSandbox(fault) { rig in
            let failure = await #expect(throws: ConnectionFailure.self) { _ = try await rig.get("/token") }
            #expect(flaw.explains(failure))
            let greeting = try await rig.imap().line()
            #expect(greeting != nil)
        }
    }

    @Test(arguments: Flaw.allCases)
    func `a mail server's certificate is wrong`(flaw: Flaw) async throws {
        try await withSandbox(configure: { $0.faults = [FaultOrder(flaw.ofMail, at: .imap)] }) { rig in
            let failure = await #expect(throws: ConnectionFailure.self) { _ = try await rig.imap() }
            #expect(flaw.explains(failure))
            let other = try await rig.mail(.pop3, .tls).line()
            #expect(other?.hasPrefix("+OK ") == true)
        }
    }

    @Test func `the IMAP server closes after its greeting`() async throws {
        try await withSandbox(.mailClosesAfterGreeting) { rig in
            let imap = try await rig.imap()
            #expect(try await imap.line()?.hasPrefix("* OK ") == true)
            #expect(try await imap.line() == nil)
        }
    }

    @Test func `the IMAP server does not know XOAUTH2`() async throws {
        try await withSandbox(.mailNoXOAUTH2) { rig in
            let imap = try await rig.imap()
            #expect(try await imap.line()?.contains("XOAUTH2") == false)
            let login = SandboxRig.xoauth2(SandboxRig.mailbox, try await rig.token())
            #expect(try await imap.ask("a AUTHENTICATE XOAUTH2 \(login)") == ["a NO [CANNOT] unsupported mechanism"])
        }
    }

    @Test func `the IMAP server is unavailable`() async throws {
        try await withSandbox(.imapUnavailable) { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            let login = SandboxRig.xoauth2(SandboxRig.mailbox, try await rig.token())
            #expect(
                try await imap.ask("a AUTHENTICATE XOAUTH2 \(login)")
                    == ["a NO [UNAVAILABLE] Temporary authentication failure"])
        }
    }

    @Test func `the IMAP server refuses a good token`() async throws {
        try await withSandbox(.mailLoginRefused) { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            let login = SandboxRig.xoauth2(SandboxRig.mailbox, try await rig.token())
            #expect(try await imap.ask("a AUTHENTICATE XOAUTH2 \(login)").last?.hasPrefix("+ ") == true)
            try await imap.send("")
            #expect(try await imap.line()?.hasPrefix("a NO [AUTHENTICATIONFAILED] ") == true)
        }
    }
}

/// What may be wrong with a certificate.
enum Flaw: CaseIterable {
    case expired, wrongHost, untrusted, selfSigned

    /// Nil for one that only mail servers have.
    var ofProvider: SandboxFault? {
        switch self {
        case .expired: .providerCertificateExpired
        case .wrongHost: .providerCertificateWrongHost
        case .untrusted: .providerCertificateUntrusted
        case .selfSigned: nil
        }
    }

    var ofMail: SandboxFault {
        switch self {
        case .expired: .mailCertificateExpired
        case .wrongHost: .mailCertificateWrongHost
        case .untrusted: .mailCertificateUntrusted
        case .selfSigned: .mailCertificateSelfSigned
        }
    }

    func explains(_ failure: ConnectionFailure?) -> Bool {
        switch (self, failure) {
        case (.expired, .tls(.expired)), (.wrongHost, .tls(.wrongName)), (.untrusted, .tls(.untrustedIssuer)),
            (.selfSigned, .tls(.untrustedIssuer)):
            true
        default: false
        }
    }
}
