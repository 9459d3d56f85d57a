import KeelBase
import KeelNet
import Testing

/// What is told of a TLS connection, and the key that a manifest pins.
struct TLSFactsTests {
    /// Connects by TLS from the first byte and from a later one; both must tell the same.
    private func facts(_ identity: ServerIdentity, _ trust: Trust) async throws -> Result<TLSFacts, ConnectionFailure> {
        let secured = try await StreamListener.start(on: .anyLoopback, identity: identity) {
            _ = try? await $0.readAll()
        }
        let clear = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            try? await stream.startTLS(as: identity)
            _ = try? await stream.readAll()
        }
        let dialer = NetworkDialer(roots: TrustRoots())
        let implicit: Result<TLSFacts, ConnectionFailure>
        do throws(ConnectionFailure) {
            let stream = try await dialer.open(
                to: secured.endpoint, security: .tls(serverName: "a.test", trust), timeout: .ample)
            guard let facts = stream.opening.tls else { throw .closed }
            #expect(stream.opening.handshake != nil && stream.opening.peer == secured.endpoint)
            implicit = .success(facts)
            await stream.close()
        } catch {
            implicit = .failure(error)
        }
        let later: Result<TLSFacts, ConnectionFailure>
        do throws(ConnectionFailure) {
            let stream = try await dialer.open(to: clear.endpoint, security: .clear, timeout: .ample)
            later = .success(try await stream.startTLS(serverName: "a.test", trust))
            await stream.close()
        } catch {
            later = .failure(error)
        }
        #expect(implicit == later)
        await secured.stop()
        await clear.stop()
        return implicit
    }

    @Test(arguments: SignatureFixtures.all)
    func `key and certificate are told as OpenSSL tells them`(signed: SignatureFixtures.Signed) async throws {
        let file = try TemporaryFile(signed.certificate)
        let identity = ServerIdentity(certificateChainPEM: signed.certificate, privateKeyPEM: signed.key)
        let facts = try await facts(identity, Trust(caFile: file.path)).get()
        #expect(facts.version == .tls13)
        let leaf = try #require(facts.chain.first)
        #expect(leaf.subject.text == "CN=a.test" && leaf.issuer.text == "CN=a.test" && facts.chain.count == 1)
        #expect(leaf.notBefore.description == "2020-01-01T00:00:00Z")
        #expect(leaf.notAfter.description == "2120-01-01T00:00:00Z")
        #expect(leaf.keyHash == signed.keyHash)
        #expect(facts.endPoint.map(Hexadecimal.text) == signed.hash)
    }

    @Test func `a chain is told as it was presented`() async throws {
        let root = try TestAuthority()
        let now = TestAuthority.now
        let end = now.adding(seconds: 3600)
        let identity = try root.authority
            .subordinate(commonName: "Intermediate", notBefore: now.adding(seconds: -86400), notAfter: end)
            .issue(hosts: ["a.test"], notBefore: now.adding(seconds: -60), notAfter: end)
        let chain = try await facts(identity, root.trust).get().chain
        #expect(chain.map(\.subject.text) == ["CN=a.test", "CN=Intermediate"])
        #expect(chain.map(\.issuer.text) == ["CN=Intermediate", "CN=Test Root"])
        #expect(chain.map(\.notAfter) == [end, end])
        #expect(Set(chain.map(\.keyHash)).count == 2)
    }

    @Test func `a pinned key must be presented, and the certificate must be good all the same`() async throws {
        let authority = try TestAuthority()
        let stranger = try TestAuthority("Stranger")
        let identity = try authority.identity("a.test")
        let key = try #require(try await facts(identity, authority.trust).get().chain.first?.keyHash)
        let other = SignatureFixtures.ecKeyHash
        #expect(
            try await facts(identity, Trust(caFile: authority.file.path, pin: key)).get().chain.first?.keyHash == key)
        #expect(
            try await facts(identity, Trust(caFile: authority.file.path, pin: other))
                == .failure(.tls(.wrongKey(pinned: other, presented: key))))
        #expect(
            try await facts(identity, Trust(caFile: stranger.file.path, pin: key))
                == .failure(.tls(.untrustedIssuer(issuer: ForeignText("CN=Test Root")))))
        let elsewhere = try authority.identity("b.test")
        let failure = ConnectionFailure.tls(.wrongName(expected: "a.test", presented: [ForeignText("b.test")]))
        #expect(try await facts(elsewhere, Trust(caFile: authority.file.path, pin: other)) == .failure(failure))
    }
}
