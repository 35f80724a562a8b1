# One environment of Plaza: production in one region, copied to a second one.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "private_subnet_ids" {
  type = list(string)
}

variable "pods_to_cache_security_group_id" {
  type = string
}

variable "oidc_provider" {
  type    = string
  default = null
}

resource "aws_sns_topic" "alarms" {
  name = "plaza-alarms"
}

module "plaza" {
  source = "../derived/terraform"

  environment              = "production"
  billing_mode             = "PAY_PER_REQUEST"
  kms_key_arn              = var.kms_key_arn
  replicas                 = { "eu-west-1" = null }
  oidc_provider            = var.oidc_provider
  cache_subnet_ids         = var.private_subnet_ids
  cache_security_group_ids = [var.pods_to_cache_security_group_id]
  alarm_topic_arn          = aws_sns_topic.alarms.arn
}

output "role_arns" {
  value = module.plaza.role_arns
}

output "cache_endpoint" {
  value = module.plaza.cache_endpoint
}
