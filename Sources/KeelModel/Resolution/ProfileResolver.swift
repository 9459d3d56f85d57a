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
        let grant = values.text(.grant).flatMap(GrantType.init)
        let presetIsSound = applyPreset(grant)
        values.applyDefaults()
        diagnostics += values.mistakesBetweenFields(declaration)
        guard presetIsSound, let endpoints = tokenEndpoint() else { return nil }
        // What is missing was reported where the fields were decoded.
        guard let grant, let clientID = values.text(.clientID) else { return nil }
        return EffectiveProfile(
            spec: EffectiveSpec(declaration, effective: values), grant: grant, clientID: clientID,
            clientSecret: values.secret(.clientSecret),
            clientAuthentication: values.text(.clientAuthentication).flatMap(ClientAuthenticationMethod.init),
            endpoints: endpoints, scopes: values.set(.scopes) ?? [], trust: Trust(caFile: values.text(.tlsCAFile)),
            secretExpires: values.text(.clientSecretExpires).flatMap(Timestamp.init(parsing:)),
            authorizationParameters: values.map(.authorizationParameters) ?? [:], provider: values.text(.provider))
    }

    // MARK: Presets

    private mutating func applyPreset(_ grant: GrantType?) -> Bool {
        guard !values.isRefused(.provider) else { return false }
        guard let name = values.text(.provider) else { return true }
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
            if values.isMissing(.tenant) {
                report(
                    "manifest.missing-field", .provider, "spec.tenant is missing: \(preset.title) needs it",
                    help: "write the tenant's id or domain")
            }
            return false
        }
        // It becomes a part of URLs, and must not be able to lead elsewhere.
        if let tenant, !Self.isTenant(tenant) {
            report(
                "manifest.bad-value", .tenant, "spec.tenant is neither an id nor a domain: \(quoted(tenant))",
                help: "write the tenant's id or domain")
            return false
        }
        fill(from: cloud, preset, tenant: tenant ?? "", grant)
        return true
    }

    private mutating func fill(
        from cloud: ProviderPreset.Cloud, _ preset: ProviderPreset, tenant: String, _ grant: GrantType?
    ) {
        let origin = EffectiveValue.Origin.preset(name: preset.name, version: preset.version)
        func endpoint(_ template: String) -> FieldValue {
            .text(template.replacing("{tenant}", with: tenant))
        }
        values.fill(.cloud, .text(cloud.name), origin)
        // An issuer asks for discovery, which then has the word for the endpoints.
        if values.text(.issuer) == nil { values.fill(.tokenEndpoint, endpoint(cloud.tokenEndpoint), origin) }
        if grant?.needsPerson == true {
            values.fill(.authorizationEndpoint, endpoint(cloud.authorizationEndpoint), origin)
            if let device = cloud.deviceAuthorizationEndpoint {
                values.fill(.deviceAuthorizationEndpoint, endpoint(device), origin)
            }
        }
        if grant == .clientCredentials, !cloud.applicationScopes.isEmpty {
            values.fill(.scopes, .set(of: cloud.applicationScopes), origin)
        }
    }

    private mutating func tokenEndpoint() -> TokenEndpointSource? {
        if let text = values.text(.tokenEndpoint), let url = try? EndpointURL(parsing: text) { return .given(url) }
        if let text = values.text(.issuer), let issuer = try? EndpointURL(parsing: text) {
            return .discovered(issuer: issuer, asWritten: text)
        }
        guard values.isMissing(.issuer), values.isMissing(.tokenEndpoint) else { return nil }
        report(
            "manifest.missing-field", nil, "nothing says where tokens come from",
            help: "give spec.provider, spec.issuer or spec.endpoints.token")
        return nil
    }

    private static func isTenant(_ text: String) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        return allowed && !text.hasPrefix(".")
    }

    private mutating func report(_ code: String, _ field: ProfileField?, _ message: String, help: String?) {
        diagnostics.append(
            Diagnostic(
                .error, code, message,
                at: field.map(declaration.place) ?? declaration.place, help: help))
    }
}
