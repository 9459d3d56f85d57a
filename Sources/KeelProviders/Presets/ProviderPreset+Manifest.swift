import KeelBase

extension ProviderPreset {
    /// A manifest to start from: the most usual grant, one account that reads mail.
    package var startingManifest: String {
        let account = [
            offersOAuth || isGeneric ? "oauthProfile: \(name)" : "provider: \(name)",
            isGeneric ? "server: imap.example.com" : nil,
            "userName: support@example.com",
            offersOAuth || isGeneric ? nil : "password: { fromEnv: MAIL_PASSWORD }",
        ]
        let profile = offersOAuth || isGeneric ? document("OAuthProfile", name, profileLines) + "---\n" : ""
        return profile + document("EmailAccount", "support-in", ["type: imap"] + account.compactMap(\.self))
    }

    private var profileLines: [String] {
        let grant = grants.first ?? .clientCredentials
        var lines = [isGeneric ? "issuer: https://login.example.com" : "provider: \(name)"]
        if tenancy == .required { lines.append("tenant: contoso.onmicrosoft.com") }
        lines.append("grant: \(grant.rawValue)")
        lines += ["client:", "  id: YOUR-CLIENT-ID"]
        switch grant {
        case .jwtBearer: lines.append("serviceAccount: { fromFile: secrets/service-account.json }")
        // A client that must use PKCE is a public one and has no secret.
        case .authorizationCode where pkce == .required: break
        case .authorizationCode, .clientCredentials, .deviceCode, .password:
            lines.append("  secret: { fromEnv: CLIENT_SECRET }")
        }
        return lines
    }

    private func document(_ kind: String, _ name: String, _ spec: [String]) -> String {
        let lines = ["apiVersion: mailkeel/v1", "kind: \(kind)", "metadata: { name: \(name) }", "spec:"]
        return (lines + spec.map { "  \($0)" }).map { $0 + "\n" }.joined()
    }
}
