import KeelBase
import KeelDiagnostics
import KeelProviders

extension Linter {
    /// The client and its grant.
    func checkClient(_ profile: EffectiveProfile, _ findings: inout Findings) {
        if profile.grant == .clientCredentials, let preset = profile.provider.flatMap(ProviderPreset.named),
            profile.scopes.isEmpty, preset.cloud(profile.spec.text(.cloud))?.applicationScopes.isEmpty == true
        {
            findings.add(
                .grantNotOffered, .error, profile.spec, ProfileField.grant,
                "\(preset.title) has no client_credentials for mail",
                help: "use jwt_bearer with a service account, or authorization_code")
        }
        if profile.clientAuthentication == ClientAuthenticationMethod.none, profile.clientSecret != nil {
            findings.add(
                .secretOnPublicClient, .error, profile.spec, ProfileField.clientAuthentication,
                "a public client has no secret", help: "remove client.secret, or set client.authentication")
        }
        if profile.grant == .password {
            findings.add(
                .passwordGrant, .warning, profile.spec, ProfileField.grant,
                "the password grant is forbidden by RFC 9700 section 2.4 and refused by most providers",
                help: "use authorization_code, device_code or client_credentials")
        }
    }

    func checkEndpoints(_ profile: EffectiveProfile, _ findings: inout Findings) {
        let url: EndpointURL
        let field: ProfileField
        switch profile.endpoints {
        case .given(let token): (url, field) = (token, .tokenEndpoint)
        case .discovered(let issuer, _): (url, field) = (issuer, .issuer)
        }
        guard url.scheme == .http else { return }
        findings.add(
            .clearTextEndpoint, .warning, profile.spec, field, "credentials go over http; only loopback allows that",
            help: "use https as soon as the provider is on another machine")
    }
}

extension EffectiveSpec {
    /// The text that holds for a field of a profile.
    func text(_ field: ProfileField) -> String? { value(field.rawValue)?.text }
}
