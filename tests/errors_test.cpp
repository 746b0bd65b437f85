// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <xrnn/errors.hpp>

using xrnn::messages::text;

TEST_CASE("a message is its parts one behind the other") {
    CHECK(text({}).empty());
    std::string const where = "fit";
    CHECK(text({where, ": x has ", 3u, " rows"}) == "fit: x has 3 rows");
    CHECK(text({std::string_view("abc").substr(1), "", std::string("d")}) == "bcd");
    CHECK(text({std::string("a\0b", 3)}).size() == 3);
}

TEST_CASE("numbers in a message are as std::to_string writes them") {
    CHECK(text({0u, " ", ~std::uint64_t{0}}) == "0 18446744073709551615");
    CHECK(text({0.5, " ", -2.0, " ", 1e300}) ==
          std::to_string(0.5) + " " + std::to_string(-2.0) + " " + std::to_string(1e300));
}
