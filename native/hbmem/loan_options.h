// Turns loans on where the distribution has an option for it.
#pragma once

#include <type_traits>
#include <utility>

namespace rdk::hbmem {

template <typename Options, typename = void>
struct HasLoanSwitch : std::false_type {};
template <typename Options>
struct HasLoanSwitch<Options, std::void_t<decltype(std::declval<Options&>().disable_loaned_message)>>
    : std::true_type {};

// Humble has no such field; there the environment variable ROS_DISABLE_LOANED_MESSAGES decides alone.
template <typename Options>
void EnableLoans(Options& options) {
  if constexpr (HasLoanSwitch<Options>::value) options.disable_loaned_message = false;
}

}  // namespace rdk::hbmem
