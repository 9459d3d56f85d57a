/// What a project allows that is refused elsewhere.
package struct ProjectPolicy: Sendable, Equatable {
    /// Whether accounts may use `connectionSecurity: none`; then it is a warning, else an error.
    package var allowsClearText: Bool

    package init(allowsClearText: Bool = false) { self.allowsClearText = allowsClearText }
}
