/** JSON as maps and lists. */
@NullMarked
package dev.caravan.json;

import org.jspecify.annotations.NullMarked;
