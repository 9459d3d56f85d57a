/// Where an authorization server answers. What is absent is not known yet, or not offered.
package struct ProviderEndpoints: Sendable, Hashable {
    /// RFC 6749 section 3.1.
    package var authorization: EndpointURL?
    /// RFC 6749 section 3.2.
    package var token: EndpointURL?
    /// RFC 8628 section 3.1.
    package var deviceAuthorization: EndpointURL?
    /// RFC 7009 section 2.
    package var revocation: EndpointURL?
    /// RFC 7662 section 2.
    package var introspection: EndpointURL?
    /// OpenID Connect Core section 5.3.
    package var userinfo: EndpointURL?
    /// RFC 9126 section 2.
    package var pushedAuthorization: EndpointURL?

    package init(
        authorization: EndpointURL? = nil, token: EndpointURL? = nil, deviceAuthorization: EndpointURL? = nil,
        revocation: EndpointURL? = nil, introspection: EndpointURL? = nil, userinfo: EndpointURL? = nil,
        pushedAuthorization: EndpointURL? = nil
    ) {
        self.authorization = authorization
        self.token = token
        self.deviceAuthorization = deviceAuthorization
        self.revocation = revocation
        self.introspection = introspection
        self.userinfo = userinfo
        self.pushedAuthorization = pushedAuthorization
    }

    /// These, and where they say nothing, the other's: what a manifest says wins over what is discovered.
    package func filled(from other: ProviderEndpoints) -> ProviderEndpoints {
        ProviderEndpoints(
            authorization: authorization ?? other.authorization, token: token ?? other.token,
            deviceAuthorization: deviceAuthorization ?? other.deviceAuthorization,
            revocation: revocation ?? other.revocation, introspection: introspection ?? other.introspection,
            userinfo: userinfo ?? other.userinfo, pushedAuthorization: pushedAuthorization ?? other.pushedAuthorization)
    }

    /// Those that are known, by the names that RFC 8414 gives them without `_endpoint`, in a fixed order.
    package var named: [(name: String, url: EndpointURL)] {
        let all: [(String, EndpointURL?)] = [
            ("authorization", authorization), ("token", token), ("device_authorization", deviceAuthorization),
            ("revocation", revocation), ("introspection", introspection), ("userinfo", userinfo),
            ("pushed_authorization_request", pushedAuthorization),
        ]
        return all.compactMap { name, url in url.map { (name: name, url: $0) } }
    }

    /// The endpoints by their names; a name that is not known here is passed over.
    package init(named endpoints: [String: EndpointURL]) {
        self.init(
            authorization: endpoints["authorization"], token: endpoints["token"],
            deviceAuthorization: endpoints["device_authorization"], revocation: endpoints["revocation"],
            introspection: endpoints["introspection"], userinfo: endpoints["userinfo"],
            pushedAuthorization: endpoints["pushed_authorization_request"])
    }
}
