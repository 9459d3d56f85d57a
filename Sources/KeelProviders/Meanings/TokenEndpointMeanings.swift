import KeelBase

extension Meaning {
    /// The meaning of an answer of an OAuth endpoint, by the catalogue.
    ///
    /// Finer codes explain: providers say that they move.
    package static func of(_ signs: ErrorSigns) -> Meaning {
        ErrorCatalogue.entry(for: signs)?.meaning ?? unknownError
    }

    /// The meaning of an error that nobody has described.
    package static let unknownError = Meaning(
        "the provider refused for a reason of its own", .appAdministrator,
        "read the provider's words above; its documentation explains the code", .ambiguous)
}
