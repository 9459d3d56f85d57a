import KeelBase
import KeelDiagnostics
import KeelProviders

/// Resolves one OAuth profile.
struct ProfileResolver {
    private let declaration: DeclaredProfile
    private var values: EffectiveValues<ProfileField>
    private(set) var diagnostics: [Diagnostic] = []

    init(_ declaration: DeclaredProfile) {
        self.declaration = declaration
        values = EffectiveValues(declaration)
    }

    /// The effective profile; nil if a mistake makes it unusable.
    mutating func resolve() -> EffectiveProfile? {
        // What is missing was reported where the fields were decoded.
        guard let grantName = values.text(.grant), let grant = GrantType(rawValue: grantName),
            let clientID = values.text(.clientID)
        else { return nil }
        let presetIsSound = applyPreset(grant)
        values.applyDefaults()
        checkCredentials(grant)
        checkScopes(grant)
        guard presetIsSound, let endpoints = tokenEndpoint() else { return nil }
        return EffectiveProfile(
            spec: EffectiveSpec(declaration, effective: values.values), grant: grant, clientID: clientID,
            clientSecret: values.secret(.clientSecret),
            clientAuthentication: values.text(.clientAuthentication).flatMap(ClientAuthenticationMethod.init),
            endpoints: endpoints, scopes: values.set(.scopes) ?? [], trust: Trust(caFile: values.text(.tlsCAFile)),
            secretExpires: values.text(.clientSecretExpires).flatMap(Timestamp.init(parsing:)),
            authorizationParameters: values.map(.authorizationParameters) ?? [:], provider: values.text(.provider))
    }

    // MARK: Presets

    private mutating func applyPreset(_ grant: GrantType) -> Bool {
        guard let name = values.text(.provider) else {
            for field in [ProfileField.cloud, .tenant] where values[field] != nil {
                report(
                    "manifest.bad-value", field, "spec.\(field.definition.name) needs spec.provider",
                    help: "name the provider, or remove the line")
            }
            return true
        }
        guard let preset = ProviderPreset.named(name) else {
            let names = ProviderPreset.all.map(\.name)
            report(
                "manifest.unknown-reference", .provider, "unknown provider \(quoted(name))",
                help: Suggestion.nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
                    ?? "the providers are \(names.joined(separator: ", ")); for any other give issuer or endpoints")
            return false
        }
        guard let cloud = preset.cloud(values.text(.cloud)) else {
            report(
                "manifest.unknown-reference", .cloud,
                "\(preset.title) has no cloud \(quoted(values.text(.cloud) ?? ""))",
                help: "its clouds are \(preset.clouds.map(\.name).joined(separator: ", "))")
            return false
        }
        let tenant = values.text(.tenant)
        if preset.needsTenant, tenant == nil {
            report(
                "manifest.missing-field", .provider, "spec.tenant is missing: \(preset.title) needs it",
                help: "write the tenant's id or domain")
            return false
        }
        fill(from: cloud, preset, tenant: tenant ?? "", grant)
        return true
    }

    private mutating func fill(
        from cloud: ProviderPreset.Cloud, _ preset: ProviderPreset, tenant: String, _ grant: GrantType
    ) {
        let origin = EffectiveValue.Origin.preset(name: preset.name, version: preset.version)
        func endpoint(_ template: String) -> FieldValue {
            .text(template.replacing("{tenant}", with: tenant))
        }
        values.fill(.cloud, .text(cloud.name), origin)
        // An issuer asks for discovery, which then has the word for the endpoints.
        if values.text(.issuer) == nil { values.fill(.tokenEndpoint, endpoint(cloud.tokenEndpoint), origin) }
        if grant.needsPerson {
            values.fill(.authorizationEndpoint, endpoint(cloud.authorizationEndpoint), origin)
            if let device = cloud.deviceAuthorizationEndpoint {
                values.fill(.deviceAuthorizationEndpoint, endpoint(device), origin)
            }
        }
        if grant == .clientCredentials {
            guard !cloud.applicationScopes.isEmpty else {
                report(
                    "lint.grant-not-offered", .grant, "\(preset.title) has no client_credentials for mail",
                    help: "use jwt_bearer with a service account, or authorization_code")
                return
            }
            values.fill(.scopes, .set(of: cloud.applicationScopes), origin)
        }
    }

    private mutating func tokenEndpoint() -> TokenEndpointSource? {
        if let text = values.text(.tokenEndpoint) {
            do {
                return .given(try EndpointURL(parsing: text))
            } catch {
                // Only a tenant can make a preset's template unsound.
                report(
                    "manifest.bad-value", .tenant, "spec.tenant makes no endpoint: \(quoted(text)) \(error)", help: nil)
                return nil
            }
        }
        if let text = values.text(.issuer), let issuer = try? EndpointURL(parsing: text) {
            return .discovered(issuer: issuer, asWritten: text)
        }
        // A refused issuer or endpoint was reported where it stands.
        guard declaration.spec[.issuer] == nil, declaration.spec[.tokenEndpoint] == nil else { return nil }
        report(
            "manifest.missing-field", nil, "nothing says where tokens come from",
            help: "give spec.provider, spec.issuer or spec.endpoints.token")
        return nil
    }

    // MARK: Rules

    private mutating func checkCredentials(_ grant: GrantType) {
        let hasCredential =
            values[.clientSecret] != nil || values[.clientAssertion] != nil || values[.clientCertificate] != nil
        switch grant {
        case .clientCredentials where !hasCredential:
            report(
                "manifest.missing-field", .grant, "client_credentials needs a client secret, assertion or certificate",
                help: "write client.secret: { fromEnv: NAME }")
        case .jwtBearer where values[.serviceAccount] == nil:
            report(
                "manifest.missing-field", .grant, "jwt_bearer needs spec.serviceAccount",
                help: "write serviceAccount: { fromFile: PATH }")
        default: break
        }
        if values.text(.clientAuthentication) == ClientAuthenticationMethod.none.rawValue, values[.clientSecret] != nil
        {
            report(
                "lint.secret-on-public-client", .clientAuthentication, "a public client has no secret",
                help: "remove client.secret, or set client.authentication")
        }
        if grant == .password {
            diagnostics.append(
                Diagnostic(
                    .warning, "lint.password-grant",
                    "the password grant is forbidden by RFC 9700 section 2.4 and refused by most providers",
                    at: declaration.place(.grant), help: "use authorization_code, device_code or client_credentials"))
        }
        if let text = values.text(.tokenEndpoint) ?? values.text(.issuer), text.hasPrefix("http://") {
            diagnostics.append(
                Diagnostic(
                    .warning, "lint.clear-text-endpoint",
                    "credentials go over http; only loopback allows that",
                    at: declaration.spec.place(.tokenEndpoint) ?? declaration.place(.issuer),
                    help: "use https as soon as the provider is on another machine"))
        }
    }

    /// `.default` stands for all that was consented and cannot stand beside single scopes (AADSTS70011).
    private mutating func checkScopes(_ grant: GrantType) {
        let scopes = values.set(.scopes) ?? []
        if scopes.contains(where: { $0.hasSuffix("/.default") }), scopes.count > 1 {
            report(
                "lint.default-scope-mixed", .scopes, "a .default scope cannot stand beside other scopes",
                help: "keep either .default alone or the single scopes")
        }
    }

    private mutating func report(_ code: String, _ field: ProfileField?, _ message: String, help: String?) {
        diagnostics.append(
            Diagnostic(
                .error, code, message,
                at: field.map(declaration.place) ?? declaration.name.range, help: help))
    }
}
