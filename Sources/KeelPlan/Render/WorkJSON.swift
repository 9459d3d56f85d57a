import KeelBase

extension Step.Work {
    /// The input of a step. No secret is in it, only where secrets come from.
    var json: JSON {
        switch self {
        case .resolve(let work):
            .object([.init("secrets", .sorted(work.secrets.map { (key: $0.key, value: $0.value.json) }))])
        case .discover(let work):
            .present(("issuer", .string(work.asWritten)), ("caFile", work.trust.caFile.map(JSON.string)))
        case .verifyClient(let work): work.client.json
        case .authorize(let work): work.json(withWay: true)
        case .test(let work): work.json
        case .record(let work): work.json
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

extension ClientWork {
    fileprivate var json: JSON {
        .present(
            ("grant", .string(grant.rawValue)),
            (
                "endpoints",
                .object(endpoints.named.map { .init($0.name, .string($0.url.description)) })
            ),
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
        case .refresh(let grant): .object([.init("refresh", .string(grant))])
        case .consent: "consent"
        }
    }
}

extension TestWork {
    fileprivate var json: JSON {
        .present(
            ("type", .string(type.rawValue)), ("endpoint", .string(endpoint.description)),
            ("connectionSecurity", .string(security.rawValue)), ("mechanism", .string(mechanism.rawValue)),
            ("userName", .string(userName)), ("authorization", .string(authorization.description)),
            ("caFile", trust.caFile.map(JSON.string)), ("settings", .string(settings)))
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
