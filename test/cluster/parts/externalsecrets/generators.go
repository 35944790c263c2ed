// In place of upstream's pkg/generator/register/register.go, which links every cloud: the one generator that needs none.
package register

import _ "github.com/external-secrets/external-secrets/pkg/generator/fake"
