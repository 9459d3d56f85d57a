import KeelBase
import KeelCrypto
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

/// No secret stands anywhere in what the vault writes, in no coding that a search would find.
struct CanaryTests {
    private static let canaries = ["canary-access-7Qx", "canary-refresh-9Zt", "canary-client-3Lm", "canary-named-5Rv"]

    @Test func `no planted secret is found in any file, open or closed`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            try await plant(in: vault)
            try search(fixture)
            await vault.close()
            try search(fixture)
        }
    }

    @Test func `no description or failure shows one`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await plant(in: vault)
            let token = try #require(try await vault.accessToken(of: grant))
            #expect(token.secret.revealText() == Self.canaries[0])
            var dump = "\(String(describing: token)) \(String(reflecting: try await vault.snapshot()))"
            dump += String(describing: try await vault.recipe(of: grant))
            for canary in Self.canaries { #expect(!dump.contains(canary)) }
        }
    }

    @discardableResult
    private func plant(in vault: Vault) async throws -> GrantID {
        let secrets = Self.canaries.map { Secret(copying: $0) }
        let tokens = IssuedTokens(
            access: secrets[0], accessExpires: nil, refresh: secrets[1], scopes: ["IMAP"])
        let grant = try await vault.addCandidate(
            VaultFixture.draft(), VaultFixture.recipe(), clientSecret: secrets[2], tokens
        ).id
        try await vault.replaceTokens(of: grant, generation: 1, with: tokens)
        try await vault.setSecret(secrets[3], named: "m365")
        try await vault.record(AuditEntry(run: "r", actor: "me", action: "authorize", grant: grant))
        return grant
    }

    private func search(_ fixture: VaultFixture) throws {
        for name in ScratchDirectory.names(in: fixture.directory) {
            let bytes = try #require(try fixture.files.read("\(fixture.directory)/\(name)", limit: 1 << 26))
            let text = String(decoding: bytes, as: Unicode.ASCII.self)
            #expect(name != "vault.db-wal" || bytes.isEmpty || text.contains("login.example.com"))
            for secret in Self.canaries.map({ Array($0.utf8) }) + [fixture.key.reveal()] {
                for coding in codings(of: secret) { #expect(!text.contains(coding), "\(name)") }
            }
        }
    }

    /// Raw, hexadecimal, digest, and base 64 at each of the three offsets that a longer text can give it.
    private func codings(of secret: [UInt8]) -> [String] {
        let base64 = (0..<3).map { shift in
            let text = Base64.text([UInt8](repeating: 0, count: shift) + secret)
            return String(text.dropFirst(shift == 0 ? 0 : shift + 1).prefix(secret.count))
        }
        return [
            String(decoding: secret, as: Unicode.ASCII.self), Hexadecimal.text(secret),
            Hexadecimal.text(secret).uppercased(), Hexadecimal.text(SHA256Digest.bytes(of: secret)),
            String(decoding: SHA256Digest.bytes(of: secret), as: Unicode.ASCII.self),
        ] + base64
    }
}
