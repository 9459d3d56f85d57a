import KeelBase
import KeelVault
import Testing

struct ObservationTests {
    private let a = VaultFixture.account("a")
    private let old = GrantID.random()
    private let new = GrantID.random()

    private func seen(
        _ value: String, at second: Int64 = 100, grant: GrantID?, digest: String = "d1", kind: String = "connected"
    ) -> Observation {
        Observation(
            of: a, kind: kind, observer: "drift", observed: Timestamp(seconds: second), grant: grant,
            settingsDigest: digest, value: value)
    }

    @Test func `only what is of the registered grant and settings is written`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.openKeylessAfterCreation()
            #expect(try await !vault.observe(seen("unregistered", grant: old)))
            try await vault.register([Definition(of: a, grant: old, settingsDigest: "d1")])
            #expect(try await vault.observe(seen("true", grant: old)))
            #expect(try await !vault.observe(seen("x", at: 101, grant: new)))
            #expect(try await !vault.observe(seen("x", at: 101, grant: nil)))
            #expect(try await !vault.observe(seen("x", at: 101, grant: old, digest: "d2")))
            #expect(try await vault.observations() == [seen("true", grant: old)])
        }
    }

    @Test func `a late result for the definition before is dropped`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.openKeylessAfterCreation()
            try await vault.register([Definition(of: a, grant: old, settingsDigest: "d1")])
            #expect(try await vault.observe(seen("true", grant: old)))
            try await vault.register([Definition(of: a, grant: new, settingsDigest: "d1")])
            #expect(try await vault.observations().isEmpty)
            #expect(try await !vault.observe(seen("late", at: 200, grant: old)))
            #expect(try await vault.observe(seen("false", at: 150, grant: new)))
            // The same definition again drops nothing.
            try await vault.register([Definition(of: a, grant: new, settingsDigest: "d1")])
            #expect(try await vault.observations().map(\.value) == ["false"])
        }
    }

    @Test func `an older observation does not replace a newer one`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.openKeylessAfterCreation()
            try await vault.register([Definition(of: a, grant: nil, settingsDigest: "d1")])
            #expect(try await vault.observe(seen("1", at: 100, grant: nil)))
            #expect(try await vault.observe(seen("2", at: 200, grant: nil)))
            #expect(try await !vault.observe(seen("3", at: 150, grant: nil)))
            #expect(try await vault.observe(seen("4", at: 150, grant: nil, kind: "token")))
            #expect(try await vault.observe(seen("5", at: 200, grant: nil)))
            #expect(try await vault.observations().map(\.value) == ["5", "4"])
        }
    }

    @Test func `what is asked of some is not of others`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.openKeylessAfterCreation()
            let b = VaultFixture.account("b")
            try await vault.register([a, b].map { Definition(of: $0, grant: nil, settingsDigest: "d1") })
            let token = seen("2", grant: nil, kind: "token")
            let other = Observation(
                of: b, kind: "token", observer: "drift", observed: token.observed, grant: nil, settingsDigest: "d1",
                value: "3")
            #expect(try await vault.observe(all: [token, seen("1", grant: nil), other]).isEmpty)
            #expect(try await vault.observations(of: [a]).map(\.value) == ["1", "2"])
            #expect(try await vault.observations(of: [VaultFixture.account("c"), b]) == [other])
            #expect(try await vault.observations(of: []).isEmpty)
        }
    }

    @Test func `many at once name those that came late, and forgetting takes all`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.openKeylessAfterCreation()
            try await vault.register([Definition(of: a, grant: nil, settingsDigest: "d1")])
            let late = seen("x", grant: nil, digest: "d0")
            let good = seen("y", grant: nil)
            #expect(try await vault.observe(all: [late, good]) == [late])
            #expect(try await vault.snapshot().observations == [good])
            try await vault.forget(a)
            #expect(try await vault.observations().isEmpty)
            #expect(try await !vault.observe(good))
        }
    }
}

extension VaultFixture {
    /// Observations need no key.
    func openKeylessAfterCreation() async throws -> Vault {
        await (try open()).close()
        return try await openWithoutKey(.readWrite)
    }
}
