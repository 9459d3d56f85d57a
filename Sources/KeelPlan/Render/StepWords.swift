import KeelBase

extension Step.Work {
    /// What a step does, in words for a reviewer; nil for steps that are taken for granted.
    package var words: String? {
        switch self {
        case .resolve(let work):
            "resolve "
                + work.secrets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.summary)" }.joined(
                    separator: ", ")
        case .discover(let work): "discover \(ForeignText(work.asWritten))"
        case .verifyClient(let work): "verify that \(work.client.place) accepts the client"
        case .authorize(let work): work.words
        case .test(let work):
            "test \(work.type.rawValue) \(work.endpoint) \(work.security.rawValue) \(work.mechanism.rawValue) as \(ForeignText(work.userName))"
        case .stage(let work): "stage at \(work.keeper), out of service: \(counted(work.writes.count, "write"))"
        case .authorizeThere(let work): "authorize at \(work.keeper)" + work.needsPerson.suffix
        case .proveThere(let work): "test at \(work.keeper)"
        case .activate(let work): "put into service at \(work.keeper)"
        case .verifyRecord(let work): "read back at \(work.keeper)"
        case .record: nil
        }
    }
}

extension ClientWork {
    /// Where tokens are asked for.
    fileprivate var place: String { tokenEndpoint?.origin ?? issuer.map { ForeignText($0).text } ?? "?" }
}

extension AuthorizeWork {
    fileprivate var words: String {
        let subject = ForeignText(subject)
        let request = "\(client.grant.rawValue) as \(subject) at \(client.place)"
        return switch way {
        case .request: "authorize: \(request)"
        case .adopt(let grant): "authorize: adopt the consent of \(subject) in the vault, grant \(ForeignText(grant))"
        case .refresh: "authorize: refresh, else \(request)" + PersonNeed.maybe.suffix
        case .consent: "authorize: \(request)" + PersonNeed.yes.suffix
        }
    }
}

extension PersonNeed {
    /// What a reviewer must know ahead.
    fileprivate var suffix: String {
        switch self {
        case .none: ""
        case .maybe: "   [may need a person]"
        case .yes: "   [needs a person]"
        }
    }
}
