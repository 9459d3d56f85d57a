import KeelBase

/// Why a grant could not be renewed, as it stands in its row: `reauthorize oauth.invalid_grant`, or a code alone.
struct RenewalProblem: Equatable {
    let code: String
    let failureClass: FailureClass?

    init(code: String, failureClass: FailureClass?) {
        self.code = code
        self.failureClass = failureClass
    }

    init(stored: String) {
        let words = stored.split(separator: " ", maxSplits: 1)
        if words.count == 2, let known = FailureClass(rawValue: String(words[0])) {
            self.init(code: String(words[1]), failureClass: known)
        } else {
            self.init(code: stored, failureClass: nil)
        }
    }

    var stored: String { failureClass.map { "\($0.rawValue) \(code)" } ?? code }
}
