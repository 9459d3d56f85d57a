import KeelBase
import KeelEngine
import KeelOAuth
import KeelTestSupport

/// One person's slot, at a provider that can be asked about tokens, and the tokens that it gives.
enum OnePerson {
    static let subject = "one@example.com"
    static let slot = ResourceAddress.authorization(profile: "people", subject: subject)
    static let introspection = "https://login.example.com/introspect"

    static func run(_ body: (EngineRig) async throws -> Void) async throws {
        try await EngineRig.run { rig in
            let place = "token: \"\(ScriptedProvider.tokenEndpoint)\""
            try rig.write(
                Manifests.person().replacing(place, with: "\(place), introspection: \"\(introspection)\""))
            try await rig.withNewVault()
            try await body(rig)
        }
    }

    /// What the token endpoint gave.
    static func tokens(
        _ rig: EngineRig, id claims: [String: JSON]? = nil, scopes: [String] = ["mail.imap"], refresh: String? = "r-1",
        access: String = "token-of-one"
    ) -> KeelOAuth.IssuedTokens {
        let expires = rig.clock.now.adding(seconds: 3600)
        return KeelOAuth.IssuedTokens(
            accessToken: Secret(copying: access), expiresAt: expires, statesLifetime: true,
            refreshToken: refresh.map { Secret(copying: $0) }, grantedScopes: scopes,
            idToken: claims.map { claims in
                let all: [String: JSON] = [
                    "iss": "https://login.example.com", "aud": "app-2", "sub": "person-1",
                    "exp": .integer(Int(expires.seconds)),
                ]
                return EngineRig.unsignedToken(all.merging(claims) { _, new in new })
            })
    }
}
