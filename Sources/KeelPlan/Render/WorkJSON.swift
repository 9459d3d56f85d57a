import KeelBase

extension Step.Work {
    /// The input of a step. No secret is in it, only where secrets come from.
    var json: JSON {
        switch self {
        case .resolve(let work):
            .object([.init("secrets", .sorted(work.secrets.map { (key: $0.key, value: $0.value.json) }))])
        case .discover(let work):
            .present(
                ("issuer", .string(work.asWritten)), ("required", names(work.required)), ("useful", names(work.useful)),
                ("listed", work.listed.json), ("caFile", work.trust.caFile.map(JSON.string)))
        case .verifyClient(let work): .object([.init("how", work.how.json), .init("client", work.client.json)])
        case .authorize(let work): work.json(withWay: true)
        case .test(let work): work.json
        case .record(let work): work.json
        case .revoke(let work): work.json
        case .stage(let work), .activate(let work): work.json
        case .authorizeThere(let work), .proveThere(let work):
            .present(
                ("keeper", .string(work.keeper)),
                ("needsPerson", work.needsPerson == .none ? nil : .string(work.needsPerson.rawValue)))
        case .verifyRecord(let work):
            .object([.init("keeper", .string(work.keeper)), .init("fields", fields(work.fields))])
        }
    }
}

private func fields(_ values: [String: FieldValue]) -> JSON {
    .sorted(values.map { (key: $0.key, value: $0.value.json) })
}

private func names(_ endpoints: Set<EndpointName>) -> JSON {
    .array(endpoints.sorted().map { .string($0.rawValue) })
}

extension ProviderEndpoints {
    fileprivate var json: JSON { .object(named.map { .init($0.name, .string($0.url.description)) }) }
}

extension VerifyClientWork.How {
    fileprivate var json: JSON {
        switch self {
        case .token: "token"
        case .assertion(let subject): .object([.init("assertion", .string(subject))])
        case .probe(let probes): .object([.init("probe", .array(probes.map { .string($0.rawValue) }))])
        }
    }
}

extension RevokeWork {
    fileprivate var json: JSON {
        .present(
            ("profile", .string(profile.description)), ("subject", .string(subject)),
            ("grants", .array(grants.map(JSON.string))), ("endpoint", endpoint.map { .string($0.description) }),
            ("reach", .string(reach.rawValue)))
    }
}

extension ClientWork {
    fileprivate var json: JSON {
        .present(
            ("grant", .string(grant.rawValue)),
            ("endpoints", endpoints.json),
            ("issuer", issuer.map(JSON.string)), ("clientId", .string(clientID)),
            ("clientAuthentication", clientAuthentication.map { .string($0.rawValue) }),
            (
                "credentials",
                .object(
                    credentials.sorted { $0.key < $1.key }.map { .init($0.key.rawValue, $0.value.json) })
            ),
            ("redirectURI", redirectURI.map(JSON.string)),
            ("refreshTokenLifetime", refreshTokenLifetime.map { .integer(Int($0)) }),
            ("revocationReach", .string(revocationReach.rawValue)), ("scopes", .array(scopes.map(JSON.string))),
            ("parameters", .sorted(parameters.map { (key: $0.key, value: JSON.string($0.value)) })),
            ("caFile", trust.caFile.map(JSON.string)))
    }
}

extension AuthorizeWork {
    func json(withWay: Bool) -> JSON {
        .present(
            ("profile", .string(profile.description)), ("subject", .string(subject)),
            ("way", withWay ? way.json : nil), ("client", client.json))
    }
}

extension AuthorizeWork.Way {
    fileprivate var json: JSON {
        switch self {
        case .request: "request"
        case .adopt(let grant): .object([.init("adopt", .string(grant))])
        case .refresh(let grant, let renewal):
            .object([.init("refresh", .string(grant)), .init("renewal", .string(renewal.rawValue))])
        case .consent: "consent"
        }
    }
}

extension TestWork {
    fileprivate var json: JSON {
        .present(
            ("type", .string(type.rawValue)), ("endpoint", .string(endpoint.description)),
            ("connectionSecurity", .string(security.rawValue)),
            ("authorization", authorization.map { .string($0.description) }), ("password", password?.json),
            ("mechanism", mechanism.map { .string($0.rawValue) }), ("userName", .string(userName)),
            ("sender", sender.map(JSON.string)), ("maxConnections", maxConnections.map(JSON.integer)),
            ("preset", preset.map(JSON.string)), ("caFile", trust.caFile.map(JSON.string)),
            ("pin", trust.pin.map(JSON.string)), ("settings", .string(settings)))
    }
}

extension RecordWork {
    fileprivate var json: JSON {
        switch self {
        case .destroy: .object([.init("forget", true)])
        case .release: .object([.init("forget", true), .init("keepGrant", true)])
        case .commit(let record):
            .present(
                ("previous", record.previous.map { .string($0.description) }),
                ("dependencies", .array(record.dependencies.map { .string($0.description) })),
                ("authorization", record.authorization.map { .string($0.description) }),
                ("proof", .string(record.proof.rawValue)))
        }
    }
}

extension StageWork {
    fileprivate var json: JSON {
        .object([
            .init("keeper", .string(keeper)),
            .init(
                "writes",
                .array(
                    writes.map {
                        .object([
                            .init("id", .string($0.id)), .init("fields", fields($0.fields)),
                            .init("repeatable", .boolean($0.isRepeatable)),
                        ])
                    })),
        ])
    }
}
