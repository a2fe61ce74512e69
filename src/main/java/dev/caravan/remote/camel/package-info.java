/** Remotes made of the operator's own Camel endpoints. */
@NullMarked
package dev.caravan.remote.camel;

import org.jspecify.annotations.NullMarked;
