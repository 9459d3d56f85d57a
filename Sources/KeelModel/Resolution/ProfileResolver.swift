import KeelBase
import KeelDiagnostics
import KeelProviders

/// Resolves one OAuth profile.
struct ProfileResolver {
    private let declaration: DeclaredProfile
    var values: EffectiveValues<ProfileField>
    private(set) var diagnostics: [Diagnostic] = []

    init(_ declaration: DeclaredProfile) {
        self.declaration = declaration
        values = EffectiveValues(declaration)
    }

    /// The effective profile; nil if a mistake makes it unusable.
    mutating func resolve() -> EffectiveProfile? {
        let grant = values.text(.grant).flatMap(GrantType.init)
        let provider = applyPreset(grant)
        values.applyDefaults()
        values.derive()
        diagnostics += values.mistakesBetweenFields(declaration)
        checkCredentials(grant)
        guard !provider.isRefused, let endpoints = tokenEndpoint(provider.choice) else { return nil }
        // What is missing was reported where the fields were decoded.
        guard let grant, let clientID = values.text(.clientID) else { return nil }
        return EffectiveProfile(
            spec: EffectiveSpec(declaration, effective: values), grant: grant, clientID: clientID,
            clientAuthentication: values.text(.clientAuthentication).flatMap(ClientAuthenticationMethod.init),
            endpoints: endpoints, issuer: issuer, expectedIssuer: expectedIssuer(provider.choice),
            known: knownEndpoints,
            credentials: credentials,
            redirectURI: values.text(.redirectURI),
            refreshTokenLifetime: values.text(.refreshTokenLifetime).flatMap(Self.seconds),
            scopes: values.set(.scopes) ?? [], trust: Trust(caFile: values.text(.tlsCAFile)),
            secretExpires: values.text(.clientSecretExpires).flatMap(Timestamp.init(parsing:)),
            certificateExpires: values.text(.clientCertificateExpires).flatMap(Timestamp.init(parsing:)),
            authorizationParameters: values.map(.authorizationParameters) ?? [:], provider: values.text(.provider),
            preset: provider.choice)
    }

    private var issuer: (url: EndpointURL, asWritten: String)? {
        guard let text = values.text(.issuer), let url = try? EndpointURL(parsing: text) else { return nil }
        return (url, text)
    }

    /// The preset's counts only where its endpoints do: whoever writes others may mean another server.
    private func expectedIssuer(_ choice: PresetChoice?) -> String? {
        if let issuer { return issuer.asWritten }
        guard let choice, let known = choice.cloud.issuer, choice.preset.doubt(.issuer, in: choice.cloud.name) == nil,
            !values.isWritten(.tokenEndpoint), !values.isWritten(.authorizationEndpoint)
        else { return nil }
        return known.replacing("{tenant}", with: values.text(.tenant) ?? "")
    }

    private var knownEndpoints: ProviderEndpoints {
        func endpoint(_ field: ProfileField) -> EndpointURL? {
            values.text(field).flatMap { try? EndpointURL(parsing: $0) }
        }
        return ProviderEndpoints(
            authorization: endpoint(.authorizationEndpoint), token: endpoint(.tokenEndpoint),
            deviceAuthorization: endpoint(.deviceAuthorizationEndpoint), revocation: endpoint(.revocationEndpoint),
            introspection: endpoint(.introspectionEndpoint), userinfo: endpoint(.userinfoEndpoint),
            pushedAuthorization: endpoint(.pushedAuthorizationEndpoint))
    }

    private var credentials: [CredentialField: SecretSource] {
        var sources: [CredentialField: SecretSource] = [:]
        sources[.clientSecret] = values.secret(.clientSecret)
        sources[.clientAssertion] = values.secret(.clientAssertion)
        // The file holds the key beside the certificate, so it is read as a secret is: mode and all.
        sources[.clientCertificate] = values.text(.clientCertificate).map { SecretSource(.file($0), version: nil) }
        sources[.serviceAccount] = values.secret(.serviceAccount)
        return sources
    }

    /// The seconds of `90d`, `12h` or `30m`, which the decoder has checked.
    private static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["d": 86_400, "h": 3600, "m": 60]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()) else { return nil }
        let (seconds, isTooLarge) = count.multipliedReportingOverflow(by: unit)
        return isTooLarge ? nil : seconds
    }

    /// A client that is to show something must have it.
    private mutating func checkCredentials(_ grant: GrantType?) {
        let hasKey = !values.isMissing(.clientCertificate) || !values.isMissing(.clientAssertion)
        let hasSecret = !values.isMissing(.clientSecret)
        // That an application without anybody needs one of them is said in the table.
        guard grant != .clientCredentials || hasKey || hasSecret else { return }
        switch values.text(.clientAuthentication).flatMap(ClientAuthenticationMethod.init) {
        case .privateKeyJWT? where !hasKey:
            let requirement = ProfileField.clientCertificate.definition.requirement
            report(
                "manifest.missing-field", .clientAuthentication, requirement?.complaint ?? "",
                help: requirement?.remedy)
        case .basic? where !hasSecret, .post? where !hasSecret:
            report(
                "manifest.missing-field", .clientAuthentication,
                "client.authentication: \(values.text(.clientAuthentication) ?? "") needs spec.client.secret",
                help: "write client.secret: { fromEnv: NAME }; a public client has authentication: none")
        case .privateKeyJWT?, .basic?, .post?, .some(.none), nil: break
        }
    }

    private mutating func tokenEndpoint(_ choice: PresetChoice?) -> TokenEndpointSource? {
        if let text = values.text(.tokenEndpoint), let url = try? EndpointURL(parsing: text) { return .given(url) }
        if let text = values.text(.issuer), let issuer = try? EndpointURL(parsing: text) {
            return .discovered(issuer: issuer, asWritten: text)
        }
        guard values.isMissing(.issuer), values.isMissing(.tokenEndpoint) else { return nil }
        if let choice {
            report(
                "manifest.missing-field", .provider,
                "nothing says where tokens come from: \(choice.preset.title) has no OAuth for mail",
                help: "remove the profile, and write provider and password with its accounts")
        } else {
            report(
                "manifest.missing-field", nil, "nothing says where tokens come from",
                help: "give spec.provider, spec.issuer or spec.endpoints.token")
        }
        return nil
    }

    mutating func report(_ code: String, _ field: ProfileField?, _ message: String, help: String?) {
        diagnostics.append(
            Diagnostic(
                .error, code, message,
                at: field.map(declaration.place) ?? declaration.place, help: help))
    }
}
