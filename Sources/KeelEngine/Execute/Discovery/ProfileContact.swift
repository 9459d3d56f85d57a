import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan

/// Where a profile's provider is asked: what the manifest lists, and what may be used of its metadata.
package struct ProfileContact: Sendable {
    package let endpoints: ProviderEndpoints
    /// Nil where none were looked for.
    package let metadata: AuthorizationServerMetadata?
    /// Named by the metadata and not used, because they are off the issuer's site and nobody listed them.
    package let offSite: [String: EndpointURL]

    package init(_ client: ClientWork, _ metadata: AuthorizationServerMetadata?) {
        self.init(listed: client.endpoints, metadata)
    }

    package init(listed: ProviderEndpoints, _ metadata: AuthorizationServerMetadata?) {
        self.metadata = metadata
        let found = metadata.map { DiscoveredEndpoints($0, listed: listed) }
        endpoints = found?.usable ?? listed
        offSite = found?.offSite ?? [:]
    }
}

extension FailureExplanation {
    /// Where tokens come from; throws where nothing that may be used says.
    func tokenEndpoint(
        of contact: ProfileContact, _ profile: ResourceAddress
    ) throws(StepFailure) -> EndpointURL {
        guard let endpoint = contact.endpoints.token else { throw endpointMissing(.token, of: contact, profile) }
        return endpoint
    }

    /// A profile cannot do without an endpoint, and nothing that may be used gives it.
    package func endpointMissing(
        _ name: EndpointName, of contact: ProfileContact, _ profile: ResourceAddress
    ) -> StepFailure {
        let field = name == .deviceAuthorization ? "deviceAuthorization" : name.rawValue
        let words = name.rawValue.replacing("_", with: " ")
        guard let url = contact.offSite[name.rawValue], let issuer = contact.metadata?.issuer else {
            let reason =
                contact.metadata.map { "the metadata of \(ForeignText($0.issuer)) name no" } ?? "nothing names a"
            return lacking(
                "oauth.endpoint_missing", "\(reason) \(words) endpoint",
                "write endpoints.\(field), or change spec.grant", "endpoints.\(field)", profile)
        }
        return lacking(
            "oauth.endpoint_off_site",
            "the metadata of \(ForeignText(issuer)) put the \(words) endpoint on another site, \(url)",
            "if credentials may be sent there, list it in the profile: endpoints: { \(field): \"\(url)\" }",
            "endpoints.\(field)", profile)
    }

    private func lacking(
        _ code: String, _ message: String, _ help: String, _ field: String, _ profile: ResourceAddress
    ) -> StepFailure {
        var diagnostic = local(code, message, help: help, profile)
        diagnostic.range = place(profile, [field, "issuer", "provider"])
        diagnostic.responsible = .manifestAuthor
        return StepFailure(diagnostic)
    }
}
