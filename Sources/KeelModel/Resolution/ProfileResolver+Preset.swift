import KeelBase
import KeelDiagnostics
import KeelProviders

extension ProfileResolver {
    /// Fills what the preset knows.
    mutating func applyPreset(_ grant: GrantType?) -> PresetChoice.Knowledge {
        guard !values.isRefused(.provider), !values.isRefused(.cloud) else { return .refused }
        // That a cloud or a tenant needs a provider is said in the table.
        guard let name = values.text(.provider) else { return .noPreset }
        switch PresetChoice.find(name, cloud: values.text(.cloud)) {
        case .unknownProvider(let message, let help):
            report("manifest.unknown-reference", .provider, message, help: help)
            return .refused
        case .unknownCloud(let message, let help):
            report("manifest.unknown-reference", .cloud, message, help: help)
            return .refused
        case .noPreset:
            refuseTenant("provider is \(name)")
            missConsentEndpoint(grant)
            return .noPreset
        case .choice(let choice):
            guard let tenant = tenant(choice) else { return .refused }
            fill(from: choice, tenant: tenant, grant)
            return .choice(choice)
        }
    }

    /// The tenant's part of the endpoints, empty where there are no tenants; nil if it is missing or wrong.
    private mutating func tenant(_ choice: PresetChoice) -> String? {
        switch choice.preset.tenancy {
        case .none:
            refuseTenant("\(choice.preset.title) has no tenants")
            return ""
        case .required:
            if values.isMissing(.tenant) {
                report(
                    "manifest.missing-field", .provider, "spec.tenant is missing: \(choice.preset.title) needs it",
                    help: "write the tenant's id or domain")
            }
        case .optional(let tenant): values.fill(.tenant, .text(tenant), choice.origin)
        }
        guard let tenant = values.text(.tenant) else { return nil }
        // It becomes a part of URLs, and must not be able to lead elsewhere.
        guard Self.isTenant(tenant) else {
            report(
                "manifest.bad-value", .tenant, "spec.tenant is neither an id nor a domain: \(quoted(tenant))",
                help: "write the tenant's id or domain")
            return nil
        }
        return tenant
    }

    private mutating func fill(from choice: PresetChoice, tenant: String, _ grant: GrantType?) {
        let (preset, cloud) = (choice.preset, choice.cloud)
        values.fill(.cloud, .text(cloud.name), choice.origin)
        for (field, template) in endpoints(of: choice, grant) {
            guard let template else { continue }
            values.fill(field, .text(template.replacing("{tenant}", with: tenant)), choice.origin)
        }
        guard let grant else { return }
        if grant.needsPerson, !preset.authorizationParameters.isEmpty {
            values.fill(.authorizationParameters, .map(preset.authorizationParameters), choice.origin)
        }
        if grant == .clientCredentials, !cloud.applicationScopes.isEmpty {
            values.fill(.scopes, .set(of: cloud.applicationScopes), choice.origin)
        }
        // A cache has no refresh token, and holds nothing that is worth a revocation.
        guard !grant.isCache else { return }
        if let lifetime = preset.refreshTokenLifetime {
            values.fill(.refreshTokenLifetime, .text(lifetime), choice.origin)
        }
        if let reach = preset.revocationReach {
            values.fill(.revocationReach, .text(reach.rawValue), choice.origin)
        }
    }

    /// The endpoints that the grant needs, with `{tenant}` where the tenant goes.
    private func endpoints(of choice: PresetChoice, _ grant: GrantType?) -> [(ProfileField, String?)] {
        // An issuer asks for discovery, which then has the word for the endpoints.
        guard values.text(.issuer) == nil else { return [] }
        let cloud = choice.cloud
        var endpoints = [(ProfileField.tokenEndpoint, cloud.tokenEndpoint)]
        if grant?.needsPerson == true {
            endpoints.append((.authorizationEndpoint, cloud.authorizationEndpoint))
            // One that grants nothing for mail is no help.
            if choice.preset.grants.contains(.deviceCode) {
                endpoints.append((.deviceAuthorizationEndpoint, cloud.deviceAuthorizationEndpoint))
            }
        }
        if grant?.isCache == false {
            endpoints.append((.revocationEndpoint, cloud.revocationEndpoint))
            endpoints.append((.introspectionEndpoint, cloud.introspectionEndpoint))
        }
        return endpoints
    }

    private mutating func refuseTenant(_ reason: String) {
        guard values.has(.tenant) else { return }
        report(
            "manifest.field-not-applicable", .tenant, "spec.tenant has no meaning: \(reason)", help: "remove the line")
    }

    /// The table takes any provider for one that knows where people consent, and `generic` knows nothing.
    private mutating func missConsentEndpoint(_ grant: GrantType?) {
        let field: ProfileField
        switch grant {
        case .authorizationCode: field = .authorizationEndpoint
        case .deviceCode: field = .deviceAuthorizationEndpoint
        case .clientCredentials, .jwtBearer, .password, nil: return
        }
        guard values.isMissing(field), values.isMissing(.issuer) else { return }
        let requirement = field.definition.requirement
        report(
            "manifest.missing-field", .grant,
            "grant: \(grant?.rawValue ?? "") needs spec.\(field.definition.name)", help: requirement?.remedy)
    }

    private static func isTenant(_ text: String) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        return allowed && !text.hasPrefix(".")
    }
}
