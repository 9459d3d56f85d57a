import KeelBase
import KeelModel
import KeelState

extension EffectiveSpec {
    /// Equal to the digest of the record that it would be committed as: then there is no difference to look for.
    package var recordDigest: String {
        var digest = RecordDigest()
        visitDeclared { digest.declared($0, $1) }
        visitEffective { digest.effective($0, $1.value) }
        return digest.hexadecimal()
    }

    /// Of the values that a login proves.
    package var settingsDigest: String {
        var digest = RecordDigest()
        visitSettings { digest.effective($0, $1) }
        return digest.hexadecimal()
    }
}

extension [String: EffectiveValue] {
    /// Of a resource that no manifest declares.
    var recordDigest: String {
        var digest = RecordDigest()
        for (name, value) in sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            digest.effective(name, value.value)
        }
        return digest.hexadecimal()
    }
}

extension CommittedRecord {
    /// Of the values that its login proved: equal to the `settingsDigest` of what it was committed from.
    package var settingsDigest: String {
        var digest = RecordDigest()
        let table = FieldTable.emailAccount
        for index in table.settings {
            let name = table.definitions[index].name
            if let value = effective[name]?.value { digest.effective(name, value) }
        }
        return digest.hexadecimal()
    }
}
