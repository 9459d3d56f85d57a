import KeelBase
import KeelDiagnostics
import KeelMail
import KeelPlan
import KeelState
import KeelVault
import Synchronization

/// The passwords that mail servers refused, as far as it is remembered: by an apply in the state, by a test in what was
/// observed. A few refusals lock a mailbox, so none of them is offered again until it changed.
final class RefusedPasswords: Sendable {
    /// The kind of observation that remembers them.
    static let kind = "refused"

    private let fingerprints: SecretFingerprints
    private let observed: [ResourceAddress: Seen]
    /// Whether they are offered again all the same.
    private let offersAgain: Bool
    /// Those of this run.
    private let refusedNow = Mutex<[String: Fingerprint]>([:])

    /// What a test saw of one account's password.
    fileprivate struct Seen: Sendable {
        let at: Timestamp
        let verdict: Verdict
        let marks: [String: Fingerprint]
    }

    enum Verdict: String, Sendable { case refused, accepted }

    init(_ fingerprints: SecretFingerprints, _ observations: [Observation], offersAgain: Bool) {
        self.fingerprints = fingerprints
        self.offersAgain = offersAgain
        observed = Dictionary(
            observations.filter { $0.kind == Self.kind }.compactMap { seen in Seen(seen).map { (seen.address, $0) } }
        ) { first, _ in first }
    }

    /// Names one password for one login: another user or server judges for itself.
    struct Mark: Sendable, Hashable {
        let name: String
        let fingerprint: Fingerprint
    }

    func mark(_ password: Secret, for work: TestWork) -> Mark {
        Mark(
            name: "password of \(work.userName) at \(work.endpoint.host)",
            fingerprint: fingerprints.fingerprint(of: password))
    }

    /// When this password was refused, if it is not to be offered; `failure` is what the state remembers of the account.
    func refusal(of mark: Mark, for address: ResourceAddress, after failure: FailureRecord?) -> Timestamp? {
        offersAgain ? nil : remembered(mark, for: address, after: failure)
    }

    /// When it was refused, unless it was accepted since.
    private func remembered(_ mark: Mark, for address: ResourceAddress, after failure: FailureRecord?) -> Timestamp? {
        let inState = failure?.refused[mark.name].flatMap { $0.fingerprint == mark.fingerprint ? $0.at : nil }
        guard let seen = observed[address], seen.marks[mark.name] == mark.fingerprint,
            inState.map({ $0 < seen.at }) ?? true
        else { return inState }
        return seen.verdict == .refused ? seen.at : nil
    }

    /// Whether another login of this run has shown that it is refused.
    func wasRefusedNow(_ mark: Mark) -> Bool {
        !offersAgain && refusedNow.withLock { $0[mark.name] } == mark.fingerprint
    }

    func note(_ mark: Mark) { refusedNow.withLock { $0[mark.name] = mark.fingerprint } }

    /// What is to be kept of a verdict; nil if nothing is: a password that nobody remembers as refused needs no word.
    func observation(
        _ verdict: Verdict, _ mark: Mark, for address: ResourceAddress, after failure: FailureRecord?
    ) -> JSON? {
        if verdict == .accepted, remembered(mark, for: address, after: failure) == nil { return nil }
        let fingerprint = JSON.object([
            .init("key", .string(mark.fingerprint.key)), .init("code", .string(mark.fingerprint.code)),
        ])
        return .object([.init(verdict.rawValue, .object([.init(mark.name, fingerprint)]))])
    }
}

extension RefusedPasswords.Seen {
    /// Nil for what no version of this program wrote.
    fileprivate init?(_ observation: Observation) {
        guard let value = try? JSON(parsing: Array(observation.value.utf8)), let member = value.members?.first,
            let verdict = RefusedPasswords.Verdict(rawValue: member.name), let marks = member.value.members
        else { return nil }
        self.init(
            at: observation.observed, verdict: verdict,
            marks: Dictionary(
                marks.compactMap { mark in
                    guard let key = mark.value["key"]?.string, let code = mark.value["code"]?.string else { return nil }
                    return (mark.name, Fingerprint(key: key, code: code))
                }
            ) { first, _ in first })
    }
}
