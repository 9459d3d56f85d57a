/// What is known of a variable of the project.
package struct Variable: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case text(String)
        /// The variable is declared, and nothing gives it a value.
        case unset
    }

    package let value: Value
    /// Whether the value is a secret: then it is not here, and only a secret field may name the variable.
    package let isSensitive: Bool

    package init(_ value: Value, isSensitive: Bool = false) {
        self.value = value
        self.isSensitive = isSensitive
    }

    /// The variable of the process that holds the value of a variable of the project.
    static func environmentName(_ name: String) -> String { "MAILKEEL_VAR_\(name)" }

    /// The one that holds the value of a sensitive variable. Another name, because what is sensitive is said by the project file:
    /// on a branch that says otherwise, a plan would read the secret and show it.
    static func secretName(_ name: String) -> String { "MAILKEEL_SECRET_\(name)" }
}

/// The variables that `${var.NAME}` may name.
package struct VariableScope: Sendable {
    private let variables: [String: Variable]
    /// In order.
    package let names: [String]
    /// Whether these are all variables, with the values that they have. If not, because what declares them or gives them values
    /// has mistakes, nothing is said of a reference: whatever is wrong with it may follow from those.
    let isDecided: Bool

    package init(_ variables: [String: Variable]) { self.init(variables, isDecided: true) }

    private init(_ variables: [String: Variable], isDecided: Bool) {
        self.variables = variables
        self.isDecided = isDecided
        names = variables.keys.sorted()
    }

    /// That of a project that declares none.
    package static let empty = VariableScope([:])

    /// That of a project of which it is not known what it declares.
    package static let undecided = VariableScope([:], isDecided: false)

    package subscript(name: String) -> Variable? { variables[name] }
}
