import KeelBase
import KeelNet
import Synchronization
import Testing

/// What the dialer says about the certificates of a server.
struct CertificateTests {
    /// Greets over TLS with `identity`, and returns what a client sees that trusts as it is told: the same whether TLS
    /// begins with the first byte or later.
    private func greeting(
        _ identity: ServerIdentity?, name: String, trust: Trust, roots: TrustRoots = TrustRoots()
    ) async throws -> Result<String, ConnectionFailure> {
        let implicit = try await greeting(identity, name, trust, roots, later: false)
        if identity != nil { #expect(try await greeting(identity, name, trust, roots, later: true) == implicit) }
        return implicit
    }

    private func greeting(
        _ identity: ServerIdentity?, _ name: String, _ trust: Trust, _ roots: TrustRoots, later: Bool
    ) async throws -> Result<String, ConnectionFailure> {
        let listener = try await StreamListener.start(on: .anyLoopback, identity: later ? nil : identity) { stream in
            if later, let identity { try? await stream.startTLS(as: identity) }
            try? await stream.write("* OK ready\r\n")
            _ = try? await stream.read()
        }
        let dialer = NetworkDialer(roots: roots)
        let result: Result<String, ConnectionFailure>
        do throws(ConnectionFailure) {
            let stream = try await dialer.open(
                to: listener.endpoint, security: later ? .clear : .tls(serverName: name, trust), timeout: .ample)
            if later { _ = try await stream.startTLS(serverName: name, trust) }
            result = .success(String(decoding: try await stream.read(count: 12), as: UTF8.self))
            await stream.close()
        } catch {
            result = .failure(error)
        }
        await listener.stop()
        return result
    }

    private let good = Result<String, ConnectionFailure>.success("* OK ready\r\n")

    @Test(arguments: [
        ("mail.example.com", "mail.example.com"), ("mail.example.com", "MAIL.Example.com"),
        ("mail.example.com", "mail.example.com."), ("*.example.com", "mail.example.com"), ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
    ])
    func `a certificate for the declared name is accepted`(certified: String, declared: String) async throws {
        let authority = try TestAuthority()
        #expect(try await greeting(authority.identity(certified), name: declared, trust: authority.trust) == good)
    }

    @Test(arguments: [
        ("mail.example.com", "imap.example.com"), ("*.example.com", "a.b.example.com"),
        ("*.example.com", "example.com"),
        ("localhost", "127.0.0.1"), ("127.0.0.1", "localhost"), ("127.0.0.1", "127.0.0.2"), ("::1", "127.0.0.1"),
    ])
    func `a certificate for another name is refused with both names`(certified: String, declared: String) async throws {
        let authority = try TestAuthority()
        let expected = ConnectionFailure.tls(.wrongName(expected: declared, presented: [ForeignText(certified)]))
        #expect(
            try await greeting(authority.identity(certified), name: declared, trust: authority.trust)
                == .failure(expected))
    }

    @Test func `an expired certificate is refused with its date`() async throws {
        let authority = try TestAuthority()
        let end = TestAuthority.now.adding(seconds: -60)
        let identity = try authority.authority.issue(
            hosts: ["a.test"], notBefore: end.adding(seconds: -86400), notAfter: end)
        let failure = ConnectionFailure.tls(.expired(subject: ForeignText("CN=a.test"), notAfter: end))
        #expect(try await greeting(identity, name: "a.test", trust: authority.trust) == .failure(failure))
        // Dates come before the issuer and the name, whatever else is wrong.
        let stranger = try TestAuthority("Stranger")
        #expect(try await greeting(identity, name: "b.test", trust: stranger.trust) == .failure(failure))
    }

    @Test func `a certificate from the future is refused with its date`() async throws {
        let authority = try TestAuthority()
        let start = TestAuthority.now.adding(seconds: 86400)
        let identity = try authority.authority.issue(
            hosts: ["a.test"], notBefore: start, notAfter: start.adding(seconds: 86400))
        let failure = ConnectionFailure.tls(.notYetValid(subject: ForeignText("CN=a.test"), notBefore: start))
        #expect(try await greeting(identity, name: "a.test", trust: authority.trust) == .failure(failure))
    }

    @Test func `an unknown issuer is refused by name, before the host name is looked at`() async throws {
        let authority = try TestAuthority("Somebody's Root")
        let stranger = try TestAuthority("Stranger")
        let identity = try authority.identity("a.test")
        let failure = ConnectionFailure.tls(.untrustedIssuer(issuer: ForeignText("CN=Somebody's Root")))
        for name in ["a.test", "b.test"] {
            #expect(try await greeting(identity, name: name, trust: stranger.trust) == .failure(failure))
        }
    }

    @Test func `an issuer of the same name but with another key is not trusted`() async throws {
        let identity = try TestAuthority("Twin").identity("a.test")
        let twin = try TestAuthority("Twin")
        let failure = ConnectionFailure.tls(.untrustedIssuer(issuer: ForeignText("CN=Twin")))
        #expect(try await greeting(identity, name: "a.test", trust: twin.trust) == .failure(failure))
    }

    @Test func `a chain through an intermediate is followed, and an expired intermediate is named`() async throws {
        let root = try TestAuthority()
        let now = TestAuthority.now
        func identity(intermediateUntil end: Timestamp) throws -> ServerIdentity {
            try root.authority
                .subordinate(commonName: "Intermediate", notBefore: now.adding(seconds: -86400), notAfter: end)
                .issue(hosts: ["a.test"], notBefore: now.adding(seconds: -60), notAfter: now.adding(seconds: 3600))
        }
        let valid = try identity(intermediateUntil: now.adding(seconds: 3600))
        #expect(try await greeting(valid, name: "a.test", trust: root.trust) == good)

        let end = now.adding(seconds: -60)
        let failure = ConnectionFailure.tls(.expired(subject: ForeignText("CN=Intermediate"), notAfter: end))
        let lapsed = try identity(intermediateUntil: end)
        #expect(try await greeting(lapsed, name: "a.test", trust: root.trust) == .failure(failure))
    }

    @Test func `a server certificate that is itself the anchor is trusted, for its own name`() async throws {
        let identity = try TestAuthority().identity("a.test")
        let file = try TemporaryFile(identity.certificateChainPEM)
        #expect(try await greeting(identity, name: "a.test", trust: Trust(caFile: file.path)) == good)
        guard
            case .failure(.tls(.wrongName)) = try await greeting(
                identity, name: "b.test", trust: Trust(caFile: file.path))
        else {
            Issue.record("the name must still be checked")
            return
        }
    }

    @Test func `a certificate without a subject serves if its critical extensions allow it`() async throws {
        let root = try TemporaryFile(Fixtures.root)
        let identity = ServerIdentity(certificateChainPEM: Fixtures.server, privateKeyPEM: Fixtures.leafKey)
        #expect(try await greeting(identity, name: "a.test", trust: Trust(caFile: root.path)) == good)
    }

    @Test(arguments: [
        (Fixtures.clientOnly, "extended key usage"), (Fixtures.oddExtension, "critical extension"),
        (Fixtures.underLeaf + Fixtures.server, "no authority"),
    ])
    func `a chain to a known root that is not allowed is refused with the rule`(chain: String, rule: String)
        async throws
    {
        let root = try TemporaryFile(Fixtures.root)
        let identity = ServerIdentity(certificateChainPEM: chain, privateKeyPEM: Fixtures.leafKey)
        guard
            case .failure(.tls(.handshake(let words))) = try await greeting(
                identity, name: "a.test", trust: Trust(caFile: root.path))
        else {
            Issue.record("the chain must be refused")
            return
        }
        #expect(words.text.contains(rule))
    }

    @Test func `a peer that speaks in clear is a failed handshake`() async throws {
        let authority = try TestAuthority()
        let result = try await greeting(nil, name: "a.test", trust: authority.trust)
        #expect(result == .failure(.tls(.handshake(ForeignText("wrong version number")))))
    }

    @Test func `the additional file adds to the system's, and a connection's own file replaces both`() async throws {
        let system = try TestAuthority("System")
        let added = try TestAuthority("Added")
        let own = try TestAuthority("Own")
        let roots = TrustRoots(systemCAFile: system.file.path, additionalCAFile: added.file.path)
        for (authority, trust, isTrusted) in [
            (system, Trust.system, true), (added, .system, true), (own, .system, false),
            (system, own.trust, false), (added, own.trust, false), (own, own.trust, true),
        ] {
            let result = try await greeting(authority.identity("a.test"), name: "a.test", trust: trust, roots: roots)
            if isTrusted {
                #expect(result == good)
            } else {
                guard case .failure(.tls(.untrustedIssuer)) = result else {
                    Issue.record("\(result) where the issuer must be unknown")
                    continue
                }
            }
        }
    }
}

/// Files of trust anchors that cannot be used.
struct TrustFileTests {
    private func failure(_ roots: TrustRoots, _ trust: Trust) async -> ConnectionFailure? {
        do throws(ConnectionFailure) {
            _ = try await NetworkDialer(roots: roots).open(
                to: HostPort(host: "127.0.0.1", port: 1), security: .tls(serverName: "a.test", trust), timeout: .ample)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB",
    ])
    func `a file without a usable certificate is named before anything is sent`(text: String) async throws {
        let file = try TemporaryFile(text)
        let roots = TrustRoots(additionalCAFile: file.path)
        for trust in [Trust(caFile: file.path), .system] {
            guard case .trustUnusable(file.path, _)? = await failure(roots, trust) else {
                Issue.record("the file must be named")
                continue
            }
        }
    }

    @Test func `a missing file is named with the system's words, and works once it is there`() async throws {
        let path: String
        do { path = try TemporaryFile("").path }
        let roots = TrustRoots()
        let trust = Trust(caFile: path)
        #expect(
            await failure(roots, trust) == .trustUnusable(path: path, ForeignText("No such file or directory")))
    }

    @Test func `text around the certificates of a file does no harm`() async throws {
        let authority = try TestAuthority()
        let pem = authority.authority.certificatePEM
        let file = try TemporaryFile("# Our root\r\nserial: 1\n" + pem + "\n# and again\n" + pem + "end")
        #expect(await failure(TrustRoots(), Trust(caFile: file.path)) == .refused)
    }

    @Test func `the system's own bundle can be read`() async throws {
        #expect(await failure(TrustRoots(), .system) == .refused)
    }
}
